#!/usr/bin/env python3
"""Explores the local property of each framing on machine code, for every input and every cut.

    explore.py LIBRARY [--bytes N] [--least N] [--seconds S] [--jobs N] [NAME ...]

For each length up to N all bytes are symbolic, and every path of `check_NAME`, which tries each cut, is followed to its end.
The result must be 0 on each of them for every input that takes it. `fault_NAME` must have an input for which it is not.
"""

import argparse
import logging
import multiprocessing
import sys
import threading
import time

logging.disable(logging.CRITICAL)

import angr
import claripy
from angr.concretization_strategies import SimConcretizationStrategyRange

INPUT = 0x7000_0000
REASONS = {
    1: "a frame of no bytes, or of more than there are",
    2: "an error that does not stay",
    3: "a need of nothing",
    4: "an answer to no bytes",
    5: "another answer",
    6: "another offset",
    7: "a need that is too great",
}


class Unsound(Exception):
    """Something was not followed to its end."""


class Panic(angr.SimProcedure):
    """A panic ends the path."""

    def run(self):
        self.state.globals["panic"] = True
        self.exit(101)


def number(value):
    """The length of a call that has the same one on all inputs of this path."""
    if value.symbolic:
        raise Unsound("a copy of a length that depends on the input")
    return value.concrete_value


class Copy(angr.SimProcedure):
    """memcpy and memmove."""

    def run(self, to, source, length):
        if count := number(length):
            self.state.memory.store(to, self.state.memory.load(source, count))
        return to


class Fill(angr.SimProcedure):
    """memset."""

    def run(self, to, byte, length):
        if count := number(length):
            self.state.memory.store(to, claripy.Concat(*[byte[7:0]] * count))
        return to


class Compare(angr.SimProcedure):
    """bcmp, and memcmp where only equality is asked for: the sign of another result is not to be had."""

    def run(self, one, other, length):
        count = number(length)
        if not count:
            return claripy.BVV(0, 64)
        same = self.state.memory.load(one, count) == self.state.memory.load(other, count)
        return claripy.If(same, claripy.BVV(0, 64), claripy.BVV(1, 64))


PROCEDURES = {"memcpy": Copy, "memmove": Copy, "memset": Fill, "bcmp": Compare}


def load(library):
    project = angr.Project(library, auto_load_libs=False, main_opts={"base_addr": 0x40_0000})
    missing = {name for name in project.loader.main_object.imports if name not in PROCEDURES}
    if missing - {"__cxa_finalize", "_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "__gmon_start__"}:
        raise Unsound(f"the library calls functions that are not in it: {missing}")
    for name, procedure in PROCEDURES.items():
        project.hook_symbol(name, procedure(), replace=True)
    project.hook(project.loader.find_symbol("reached_a_panic").rebased_addr, Panic())
    return project


def paths(project, name, length, deadline):
    """Yields every path to its end, as a state."""
    function = project.loader.find_symbol(name).rebased_addr
    data = [claripy.BVS(f"byte{index}", 8) for index in range(length)]
    state = project.factory.call_state(
        function, INPUT, length,
        add_options={angr.options.ZERO_FILL_UNCONSTRAINED_MEMORY, angr.options.ZERO_FILL_UNCONSTRAINED_REGISTERS},
        remove_options={angr.options.LAZY_SOLVES},
    )
    # A symbolic address is followed to all places that it can have. If there are too many, the path is an error.
    state.memory.read_strategies = [SimConcretizationStrategyRange(4096)]
    state.memory.write_strategies = [SimConcretizationStrategyRange(256)]
    state.memory.map_region(INPUT, 0x1000, 1)
    for index, byte in enumerate(data):
        state.memory.store(INPUT + index, byte)
    manager = project.factory.simulation_manager(state, save_unconstrained=True)
    # Depth first: few states are held at a time.
    manager.use_technique(angr.exploration_techniques.DFS())
    while manager.active:
        manager.step()
        for ended in manager.deadended:
            yield ended, data
        manager.drop(stash="deadended")
        if manager.errored:
            raise Unsound(f"{name}, {length} bytes: {manager.errored[0].error!r}")
        if manager.unconstrained:
            raise Unsound(f"{name}, {length} bytes: a jump to any address")
        if time.process_time() > deadline:
            raise TimeoutError


def wrong(state, data):
    """Returns an input of this path for which the result is not 0, and the result."""
    if state.globals.get("panic"):
        return f"a panic for {bytes(state.solver.eval(byte, cast_to=int) for byte in data)!r}"
    result = state.regs.eax
    if state.solver.satisfiable([result != 0]):
        state.solver.add(result != 0)
        value = state.solver.eval(result)
        state.solver.add(result == value)
        return f"{bytes(state.solver.eval(byte) for byte in data)!r} cut at {value >> 4}: {REASONS[value & 15]}"
    return None


def explore(job):
    """As `follow`, with a stack that is deep enough for the expressions that a table of 256 entries makes."""
    sys.setrecursionlimit(1_000_000)
    threading.stack_size(1 << 30)
    rows = []
    thread = threading.Thread(target=lambda: rows.append(follow(job)))
    thread.start()
    thread.join()
    return rows[0] if rows else (job[1], -1, 0, 0, "the exploration broke off", False)


def follow(job):
    """Explores one framing. Returns a row of the table."""
    library, name, most, seconds = job
    project = load(library)
    start = time.process_time()
    count, complete, found = 0, -1, None
    expected = name.startswith("fault_")
    try:
        for length in range(most + 1):
            for state, data in paths(project, name, length, start + seconds):
                count += 1
                found = wrong(state, data)
                if found:
                    return name, complete, count, time.process_time() - start, found, expected
            complete = length
            print(f"{name}: all inputs of {length} bytes, {count} paths so far", file=sys.stderr, flush=True)
    except TimeoutError:
        pass
    except (Unsound, angr.errors.AngrError, claripy.ClaripyError) as error:
        return name, complete, count, time.process_time() - start, f"not followed: {error}", False
    return name, complete, count, time.process_time() - start, "", not expected


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library")
    parser.add_argument("--bytes", type=int, default=8, help="the longest input")
    parser.add_argument("--least", type=int, default=0, help="fail if time ends before this length is complete")
    parser.add_argument("--seconds", type=float, default=600, help="of CPU time, for each function")
    parser.add_argument("--jobs", type=int, default=2, help="framings explored at a time")
    parser.add_argument("names", nargs="*", help="all framings if none is given")
    options = parser.parse_intermixed_args()
    symbols = angr.Project(options.library, auto_load_libs=False).loader.main_object.symbols
    every = sorted({symbol.name for symbol in symbols if symbol.is_function and symbol.name.startswith(("check_", "fault_"))})
    names = [name for name in every if not options.names or name.split("_", 1)[1] in options.names]
    jobs = [(options.library, name, options.bytes, options.seconds) for name in names]
    failed = 0
    print("| function | complete up to n | paths | CPU seconds | found |\n| --- | --- | --- | --- | --- |", flush=True)
    with multiprocessing.get_context("spawn").Pool(options.jobs, maxtasksperchild=1) as pool:
        for name, complete, count, seconds, found, good in pool.imap_unordered(explore, jobs):
            if name.startswith("check_") and complete < options.least:
                good = False
            failed += not good
            mark = "" if good else " **not as it should be**"
            print(f"| `{name}` | {complete} | {count} | {seconds:.0f} | {found or 'nothing'}{mark} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
