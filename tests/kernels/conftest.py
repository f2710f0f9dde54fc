"""What was compiled before a kernel was last edited is thrown away.

numba looks only at the file of the outermost function, not at those that it folds in.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from dryline import kernels

HERE, ROOM = Path(__file__).parent, Path(kernels.__file__).parent
edited = max(file.stat().st_mtime for file in chain(ROOM.glob("*.py"), HERE.glob("called.py")))
for index in chain(ROOM.glob("__pycache__/*.nbi"), HERE.glob("__pycache__/*.nbi")):
    if index.stat().st_mtime < edited:
        index.unlink(missing_ok=True)
