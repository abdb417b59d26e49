"""The hub on this computer serves these tests too."""

from tests.core.test_download import hub as hub
from tests.stalled_hub import stalled as stalled
