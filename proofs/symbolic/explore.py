#!/usr/bin/env python3
"""Explores the local property of each framing on machine code, for every input and every cut.

    explore.py EXPLORER LIBRARY [--bytes N] [--seconds S] [--jobs N] [NAME ...]

For each length up to N all bytes are symbolic, and every path of `check_NAME`, which tries each cut, is followed to its end.
The result must be 0 on each of them for every input that takes it. `fault_NAME` must have an input for which it is not.

One input of each path is also given to the library on this machine's processor, which must return the same.
"""

import argparse
import concurrent.futures
import ctypes
import subprocess
import sys

import archinfo
import cle
import pyvex

REASONS = {
    1: "a frame of no bytes, or of more than there are",
    2: "an error that does not stay",
    3: "a need of nothing",
    4: "an answer to no bytes",
    5: "another answer",
    6: "another offset",
    7: "a need that is too great",
}

# Functions of C that `explorer` knows.
KNOWN = {"memcpy", "memmove", "memset", "bcmp"}
# Functions that the start-up code of C refers to. Nothing calls them.
UNUSED = {"__cxa_finalize", "_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "__gmon_start__"}


class Library:
    """The library as cle loads it, and its blocks as VEX understands them."""

    def __init__(self, path):
        self.loader = cle.Loader(path, auto_load_libs=False, main_opts={"base_addr": 0x40_0000})
        self.object = self.loader.main_object
        self.architecture = archinfo.ArchAMD64()
        self.native = ctypes.CDLL(path)

    def functions(self):
        names = {symbol.name for symbol in self.object.symbols if symbol.is_function}
        return sorted(name for name in names if name.startswith(("check_", "fault_")))

    def address(self, name):
        return self.loader.find_symbol(name).rebased_addr

    def description(self, name):
        """What the explorer must know before it starts."""
        for segment in self.object.segments:
            data = self.loader.memory.load(segment.vaddr, segment.memsize)
            yield f"{'data' if segment.is_writable else 'constant'} {segment.vaddr} {data.hex()}"
        missing = set(self.object.imports) - KNOWN - UNUSED
        if missing:
            raise SystemExit(f"the library calls functions that are not in it: {missing}")
        for called in set(self.object.imports) & KNOWN:
            yield f"hook {self.object.imports[called].value} {called}"
        yield f"panic {self.address('reached_a_panic')}"
        yield f"entry {self.address(name)}"

    def block(self, address):
        """The lines of a basic block."""
        code = self.loader.memory.load(address, 400)
        block = pyvex.lift(code, address, self.architecture, opt_level=1)
        width = block.tyenv.sizeof
        for statement in block.statements:
            match statement.tag:
                case "Ist_WrTmp":
                    yield f"set {statement.tmp} {expression(statement.data, block.tyenv)}"
                case "Ist_Put":
                    yield f"put {statement.offset} {statement.data.result_size(block.tyenv)} {atom(statement.data)}"
                case "Ist_Store":
                    yield f"store {atom(statement.addr)} {statement.data.result_size(block.tyenv)} {atom(statement.data)}"
                case "Ist_Exit":
                    yield f"exit {atom(statement.guard)} {statement.dst.value}"
                case "Ist_IMark" | "Ist_AbiHint" | "Ist_NoOp":
                    pass
                case _:
                    yield f"unknown {statement}"
        if block.jumpkind in ("Ijk_Boring", "Ijk_Call", "Ijk_Ret", "Ijk_Yield"):
            yield f"next {atom(block.next)}"
        else:
            yield "trap"
        yield "end"


def atom(value):
    if value.tag == "Iex_RdTmp":
        return f"t{value.tmp}"
    if value.con.type == "Ity_V128":
        # One bit for each byte.
        return f"#{sum(0xFF << 8 * byte for byte in range(16) if value.con.value >> byte & 1):x}"
    return f"#{value.con.value:x}"


def expression(value, types):
    match value.tag:
        case "Iex_Get":
            return f"get {value.offset} {value.result_size(types)}"
        case "Iex_Load":
            return f"load {value.result_size(types)} {atom(value.addr)}"
        case "Iex_ITE":
            return f"choose {atom(value.cond)} {atom(value.iftrue)} {atom(value.iffalse)}"
        case "Iex_CCall":
            return " ".join(["call", value.cee.name, *map(atom, value.args)])
        case "Iex_Unop" | "Iex_Binop":
            return " ".join(["op", value.op.removeprefix("Iop_"), *map(atom, value.args)])
        case "Iex_RdTmp" | "Iex_Const":
            return atom(value)
    return f"unknown {value}"


class Row:
    """What was found for one function."""

    def __init__(self, name):
        self.name = name
        self.complete, self.paths, self.seconds = -1, 0, 0.0
        self.found = ""
        self.good = False

    def __str__(self):
        mark = "" if self.good else " **not as it should be**"
        return f"{self.name}: n = {self.complete}, {self.paths} paths, {self.seconds:.0f} s, {self.found or 'nothing found'}{mark}"


def explore(explorer, library, name, most, least, seconds):
    """Explores one function, and returns its row."""
    function = library.native[name]
    function.restype = ctypes.c_uint32
    function.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    row = Row(name)
    is_fault = name.startswith("fault_")
    with subprocess.Popen([explorer], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 16) as child:

        def tell(lines):
            child.stdin.write("".join(f"{line}\n" for line in lines))
            child.stdin.flush()

        def answer():
            """Answers questions about blocks, compares samples with the processor, and returns how the length ended."""
            while True:
                word, _, rest = child.stdout.readline().strip().partition(" ")
                if word == "block":
                    tell(library.block(int(rest)))
                elif word == "sample":
                    data = bytes.fromhex(rest.removesuffix("-"))
                    if (result := function(data, len(data))) != 0:
                        return "wrong", f"{row.paths} {row.seconds} the processor returns {result} for {data!r}"
                else:
                    return word, rest

        tell(library.description(name))
        tell([f"seconds {seconds}"])
        for length in range(most + 1):
            tell([f"explore {length}"])
            word, rest = answer()
            if word not in ("complete", "found", "time", "failed", "wrong"):
                row.found = "the exploration broke off"
                break
            count, used, *rest = rest.split(maxsplit=2)
            row.paths += int(count)
            row.seconds = float(used)
            if word == "complete":
                inputs = rest[0]
                if inputs != "-" and int(inputs) != 256**length:
                    row.found = f"paths for {inputs} of {256**length} inputs"
                    break
                row.complete = length
                print(f"{name}: all inputs of {length} bytes, {row.paths} paths so far, {used} s", file=sys.stderr, flush=True)
                continue
            if word == "found":
                row.found, row.good = described(function, rest[0])
                row.good &= is_fault
            elif word != "time":
                row.found = f"not followed: {rest[0]}"
            break
        if not row.found and not is_fault:
            row.good = row.complete >= least
        child.stdin.close()
        child.kill()
    return row


def described(function, text):
    """An input for which something is wrong, in words, and whether the processor agrees."""
    data, result = text.split()
    data = bytes.fromhex(data.removesuffix("-"))
    shown = "`" + repr(data)[2:-1] + "`"
    if result == "panic":
        # On the processor it would not end.
        return f"{shown}: a panic", True
    code = int(result)
    if (native := function(data, len(data))) != code:
        return f"the processor returns {native} and not {code} for {shown}", False
    return f"{shown}, cut at {code >> 4}: {REASONS[code & 15]}", True


def table(rows):
    """The rows of a framing and of its planted fault, side by side."""
    by_name = {row.name: row for row in rows}
    yield "| function | all inputs up to | paths | CPU seconds | counterexample | planted fault |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for stem in sorted({name.split("_", 1)[1] for name in by_name}):
        check, fault = by_name.get(f"check_{stem}"), by_name.get(f"fault_{stem}")
        found = "" if fault is None else fault.found if fault.good else "**not found** " + fault.found
        if check is None:
            yield f"| `{stem}` | | | | | {found} |"
            continue
        wrong = "none" if check.good else check.found or "**not enough bytes**"
        yield f"| `{stem}` | {check.complete} bytes | {check.paths} | {check.seconds:.0f} | {wrong} | {found} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("explorer")
    parser.add_argument("library")
    parser.add_argument("--bytes", type=int, default=8, help="the longest input")
    parser.add_argument("--least", type=int, help="it is a failure if time ends before this length is complete; as --bytes if not given")
    parser.add_argument("--seconds", type=float, default=1800, help="of CPU time, for each function")
    parser.add_argument("--jobs", type=int, default=2, help="functions explored at a time")
    parser.add_argument("names", nargs="*", help="framings (u8) or functions (check_u8); all if none is given")
    options = parser.parse_intermixed_args()
    least = options.bytes if options.least is None else options.least
    library = Library(options.library)
    wanted = set(options.names)
    names = [name for name in library.functions() if not wanted or {name, name.split("_", 1)[1]} & wanted]
    rows = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        started = [
            pool.submit(explore, options.explorer, library, name, options.bytes, least, options.seconds) for name in names
        ]
        for row in concurrent.futures.as_completed(started):
            rows.append(row.result())
            print(rows[-1], file=sys.stderr, flush=True)
    print("\n".join(table(rows)))
    return 0 if names and all(row.good for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
