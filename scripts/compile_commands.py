#!/usr/bin/env python3
"""scripts/compile_commands.py BUILD: writes BUILD/compile_commands.json for clang-tidy and editors, of all C files in src.

The flags are those with which make compiles src/base/error.c (`make -n` prints the command and runs nothing), and MPI's.
Hot files are compiled once per SIMD level: here as the first, base.
"""
import json
import os
import shlex
import subprocess
import sys


def output(*command, cwd=None):
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd).stdout


def main():
    build = os.path.abspath(sys.argv[1])
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(build, "Makefile"), encoding="utf-8") as makefile:
        srcdir = next(line.split("=")[1].strip() for line in makefile if line.startswith("srcdir = "))
    printed = output("make", "-n", "V=1", "-W", f"{srcdir}/src/base/error.c", "src/base/error.o", cwd=build)
    words = next(shlex.split(line.rstrip("\\&\n ")) for line in printed.splitlines() if " -c " in line)
    flags = [w for w in words[1:] if w.startswith(("-I", "-D", "-std", "-fopenmp"))]
    flags += shlex.split(output("mpicc", "--showme:compile")) + ["-DMST_ISA_TAG=base"]
    files = sorted(os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(top, "src"))
                   for name in names if name.endswith(".c"))
    with open(os.path.join(build, "compile_commands.json"), "w", encoding="utf-8") as out:
        json.dump([{"directory": build, "file": f, "arguments": ["clang", *flags, "-c", f]} for f in files], out, indent=1)


if __name__ == "__main__":
    main()
