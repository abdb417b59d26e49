"""The hub on this computer serves these tests too."""

from tests.hub import hub as hub
from tests.stalled_hub import stalled as stalled
