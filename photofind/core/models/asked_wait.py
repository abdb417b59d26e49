"""How long a hub asks to wait before the next try."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

# One of the limits in `RateLimit`, as in "api";r=0;t=55: nothing remains for 55 seconds.
_SPENT: Final = re.compile(r";\s*r=0\s*;\s*t=(\d+)")


def asked_wait(headers: Mapping[str, str]) -> float:
    """Return the seconds that `Retry-After` and `RateLimit` ask for, 0 where they do not."""
    spent = [float(seconds) for seconds in _SPENT.findall(headers.get("ratelimit", ""))]
    return max(0.0, _retry_after(headers), *spent)


def _retry_after(headers: Mapping[str, str]) -> float:
    asked = headers.get("retry-after", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:  # by the hub's clock, which need not be ours
        now = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.now(UTC)
        return (parsedate_to_datetime(asked) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
