"""A planner's methods, each recipe made once."""

from __future__ import annotations

import functools


def memoised(method):
    """Memoise a planner's method: studies request the same models and sets many times.

    The key is the method and its positional arguments.
    """

    @functools.wraps(method)
    def memoising(self, *request):
        key = (method.__name__, *(tuple(a.items()) if isinstance(a, dict) else a for a in request))
        if key not in self._requests:
            self._requests[key] = method(self, *request)
        return self._requests[key]

    return memoising
