"""The program `masting`: where it is, how it is started, and what it says.

Standard error is passed on while it comes. Warnings become MastingWarning, the message that ends a run MastingError.
"""

from __future__ import annotations

import codecs
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ERROR = "masting: error: "
WARNING = "masting: warning: "
BUNDLED = Path(__file__).parent / "_program"


class MastingWarning(UserWarning):
    """What the program warned of."""


class MastingError(RuntimeError):
    """A run that failed; the text is the program's own.

    status is its exit status (2 command, model or options; 65 data; 70 a bug; 74 input or output; negative: a
    signal), command what was run, output all that it wrote to standard error.
    """

    def __init__(self, message: str, status: int, command: Sequence[str], output: str) -> None:
        super().__init__(message)
        self.status = status
        self.command = list(command)
        self.output = output


def warn(text: str) -> None:
    """A warning at the line that called the package."""
    here, depth, frame = os.path.dirname(__file__), 1, sys._getframe()
    while frame.f_back and os.path.dirname(frame.f_code.co_filename) == here:
        frame, depth = frame.f_back, depth + 1
    warnings.warn(text, MastingWarning, stacklevel=depth)


@dataclass
class Result:
    """A run that ended well, or that was interrupted."""

    command: list[str]
    stdout: str
    stderr: str
    interrupted: bool = False


def program() -> str:
    """The program's path: what MASTING names, else `masting` in PATH, else the one that the wheel brought."""
    given = os.environ.get("MASTING")
    found = given or shutil.which("masting")
    if not found and (BUNDLED / "bin" / "masting").exists():
        found = str(BUNDLED / "bin" / "masting")
    if not found or not shutil.which(found):
        raise FileNotFoundError(
            f"masting: the program is not there; expected it as {given or 'masting in PATH'}; try setting MASTING to "
            "its path, or `module load masting`"
        )
    return found


def environment(path: str) -> dict[str, str]:
    """The program's: one that came with the wheel finds its headers there."""
    env = dict(os.environ)
    if path.startswith(str(BUNDLED)):
        env.setdefault("MASTING_INCLUDE", str(BUNDLED / "include"))
    return env


def option_words(options: Mapping[str, Any]) -> list[str]:
    """target_accept=0.9 is --target-accept=0.9; True a switch; None and False nothing; a dictionary or a list the
    option once for each (size={"J": 8} is --size=J=8)."""
    words: list[str] = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            words.append(flag)
        elif isinstance(value, Mapping):
            words += [f"{flag}={key}={one}" for key, one in value.items()]
        elif isinstance(value, (list, tuple)):
            words += [f"{flag}={one}" for one in value]
        else:
            words.append(f"{flag}={os.fspath(value) if isinstance(value, os.PathLike) else value}")
    return words


def launch_words(ranks: int, launcher: str | None) -> list[str]:
    """What stands before the program: nothing for one rank, unless a launcher is named."""
    if ranks < 1:
        raise ValueError(f"ranks: expected at least 1, got {ranks}")
    if launcher is None:
        if ranks == 1:
            return []
        launcher = "mpirun -n {ranks}"
    words = shlex.split(launcher)
    if "{ranks}" not in launcher:
        if len(words) != 1:
            raise ValueError(f"launcher: no {{ranks}}; expected such as 'mpirun -n {{ranks}}', got '{launcher}'")
        words += ["-n", "{ranks}"]
    return [word.replace("{ranks}", str(ranks)) for word in words]


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs us."""
    if "ipykernel" not in sys.modules:
        return False
    from IPython import get_ipython

    return get_ipython() is not None


class Voice:
    """Standard error of the program, on its way to ours. Its error, and all that mpirun says after it, are the
    exception's."""

    def __init__(self, show: bool, hidden: str) -> None:
        self.show = show
        self.hidden = hidden
        self.all: list[str] = []
        self.rest = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.terminal = sys.stderr.isatty()

    def echo(self, text: str) -> None:
        if self.show:
            sys.stderr.write(text if self.terminal else text.replace("\033[K", ""))
            sys.stderr.flush()

    def hear(self, data: bytes, final: bool = False) -> None:
        """Whole lines are looked at; a line that redraws itself is passed on as it is."""
        text = self.decoder.decode(data, final)
        self.all.append(text)
        self.rest += text
        *lines, self.rest = self.rest.split("\n")
        for line in lines:
            told = line.rsplit("\r", 1)[-1]
            if told.startswith(WARNING):
                warn(told[len(WARNING) :])
                continue
            self.show = self.show and not told.startswith(ERROR)
            if not (self.hidden and self.hidden in line):
                self.echo(line + "\n")
        if self.rest.startswith("\r") or final:
            self.echo(self.rest)
            self.rest = ""


def message_of(output: str) -> str | None:
    """The program's message, of one or more lines; what mpirun adds is left out."""
    at = output.rfind(ERROR)
    if at < 0:
        return None
    return re.split(r"\n(?=-{20,}|mpirun|srun: |prterun|\[|\n)", output[at + len(ERROR) :])[0].strip()


def kill(process: subprocess.Popen[bytes], what: int) -> None:
    """Ends what is left of the program's session."""
    try:
        os.killpg(process.pid, what)
    except ProcessLookupError:
        pass


def stop(process: subprocess.Popen[bytes], listen: Callable[[], None]) -> None:
    """Asks the program to end; a second Ctrl-C, or a minute, ends it at once."""
    process.send_signal(signal.SIGINT)
    late = threading.Timer(60, kill, (process, signal.SIGKILL))
    late.start()
    try:
        listen()
    except KeyboardInterrupt:
        kill(process, signal.SIGKILL)
    finally:
        late.cancel()


def run(
    words: Sequence[str], *, ranks: int = 1, launcher: str | None = None, show: bool = False,
    until_stopped: bool = False, hidden: str = "",
) -> Result:  # fmt: skip
    """Runs `masting WORDS`. Ctrl-C ends it; with until_stopped that is a result, else KeyboardInterrupt goes on. Lines
    with the text `hidden` are not shown."""
    path = program()
    command = [*launch_words(ranks, launcher), path, *words]
    voice = Voice(show, hidden)
    interrupted = False
    with tempfile.TemporaryFile() as out:
        # A session of its own: Ctrl-C reaches it through us alone.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, env=environment(path),
            start_new_session=True,
        )  # fmt: skip
        assert process.stderr is not None
        fd = process.stderr.fileno()

        def listen() -> None:
            while data := os.read(fd, 1 << 16):
                voice.hear(data)
            process.wait()

        try:
            listen()
        except KeyboardInterrupt:
            interrupted = True
            stop(process, listen)
        finally:
            if process.poll() is None:
                kill(process, signal.SIGKILL)
            process.wait()
            process.stderr.close()
            voice.hear(b"", final=True)
        out.seek(0)
        stdout = out.read().decode("utf-8", "replace")
    stderr = "".join(voice.all)
    if interrupted:
        if not until_stopped:
            raise KeyboardInterrupt
    elif process.returncode != 0:
        message = message_of(stderr)
        if message is None:
            message = f"{shlex.join(command)}: status {process.returncode}\n{stderr[-4000:]}".rstrip()
        raise MastingError(message, process.returncode, command, stderr)
    return Result(command, stdout, stderr, interrupted)
