"""Settings of the tests."""

import os

from hypothesis import settings

settings.register_profile("quick", max_examples=200, deadline=None, derandomize=True)
settings.register_profile("long", max_examples=20_000, deadline=None)
settings.load_profile(os.environ.get("ANYSPLIT_PROFILE", "quick"))
