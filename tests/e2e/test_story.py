"""The cases of run.py for `python -m unittest discover`, which `cargo xtask test e2e` calls."""

import unittest

from run import CASES


class Story(unittest.TestCase):
    """One test per case."""


for _case in CASES:
    setattr(Story, f"test_{_case.__name__}", lambda self, case=_case: case())
