"""What a test needs of the machine, as marks."""

import os

import pytest

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system: needs root")
