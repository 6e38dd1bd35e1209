"""With MASTING_PREFIX=/usr/local the wheel brings the program and the headers that were installed there, and is one
for this platform alone; without, it is pure Python and finds the program when it runs."""

import os
import shutil
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

PREFIX = os.environ.get("MASTING_PREFIX")


class Build(build_py):
    def run(self) -> None:
        super().run()
        if PREFIX:
            to = Path(self.build_lib, "masting", "_program")
            (to / "bin").mkdir(parents=True, exist_ok=True)
            shutil.copy2(Path(PREFIX, "bin", "masting"), to / "bin" / "masting")
            headers = Path(PREFIX, "include", "masting")
            shutil.copytree(headers, to / "include" / "masting", dirs_exist_ok=True)


options = {}
if PREFIX:
    from wheel.bdist_wheel import bdist_wheel

    class Wheel(bdist_wheel):
        """Any Python 3, but this platform alone."""

        def get_tag(self) -> tuple[str, str, str]:
            return "py3", "none", super().get_tag()[2]

    class Native(Distribution):
        def has_ext_modules(self) -> bool:
            return True

    options = {"distclass": Native}
    commands = {"build_py": Build, "bdist_wheel": Wheel}
else:
    commands = {"build_py": Build}

setup(cmdclass=commands, **options)
