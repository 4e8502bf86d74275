"""The programs are built with what the compiler can do against faults: read out of their files."""

import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VIGIE_BUILD", TOP / "build"))
PROGRAMS = ("vigie", "vigie-crawler", "vigie-extractor", "vigie-indexer")
IS_X86_64 = platform.machine() == "x86_64"
PAGE = 4096

# Each construct that a flag changes: a buffer on the stack, a copy whose size is computed at run
# time into memory whose size is too (FORTIFY 3, not 2), a frame larger than a page, a call by
# pointer.
SAMPLE = """
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {
int plain(int value) { return value + 1; }
}  // namespace

__attribute__((noinline)) int guarded(const char* text) {
  char buffer[64];
  std::strncpy(buffer, text, sizeof buffer - 1);
  buffer[63] = 0;
  return static_cast<int>(std::strlen(buffer));
}

__attribute__((noinline)) char* computed(const char* text, unsigned long size,
                                         unsigned long count) {
  char* out = static_cast<char*>(std::malloc(size));
  if (out != nullptr) std::memcpy(out, text, count);
  return out;
}

__attribute__((noinline)) int large_frame(int at) {
  volatile char buffer[65536];
  buffer[at] = 1;
  return buffer[at];
}

int main(int count, char** arguments) {
  int (*volatile by_pointer)(int) = &plain;
  char* copy = computed(arguments[0], static_cast<unsigned long>(count) * 64, 2);
  const int out = guarded(arguments[0]) + large_frame(count) + by_pointer(count);
  std::free(copy);
  return out == 0 ? 1 : 0;
}
"""
LISTS = """cmake_minimum_required(VERSION 3.25)
project(sample VERSION 0.1.0 LANGUAGES C CXX)
include("{top}/cmake/vigie_toolchain.cmake")
add_executable(sample sample.cc)
target_link_libraries(sample PRIVATE vigie_warnings)
"""


def run(*command):
    return subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True, timeout=120
    ).stdout


def disassembly(file, function):
    """Instructions of one function."""
    listing = run("objdump", "-d", "--no-show-raw-insn", "-C", file)
    found = re.search(
        rf"^[0-9a-f]+ <{re.escape(function)}.*?>:\n(.*?)\n\n", listing + "\n\n", re.S | re.M
    )
    return found[1] if found else ""


def weaknesses(file):
    """What a file of ELF lacks, of what holds for every program."""
    header = run("readelf", "-hW", file)
    segments = run("readelf", "-lW", file)
    dynamic = run("readelf", "-dW", file)
    symbols = run("readelf", "-W", "--dyn-syms", file)
    stack = re.search(r"GNU_STACK.*", segments)
    found = {
        "position-independent": "DYN" in header,
        "relocations read-only": "GNU_RELRO" in segments,
        "bound at the start": "BIND_NOW" in dynamic or re.search(r"FLAGS_1.*NOW", dynamic),
        "stack not executable": stack and " RWE " not in stack[0],
        "no segment writable and executable": not re.search(r"LOAD.* RWE ", segments),
        "stack guarded": "__stack_chk_fail" in symbols,
        "copies checked": re.search(r"__\w+_chk(@|\b)", symbols.replace("__stack_chk_fail", "")),
        "no RPATH": "RPATH" not in dynamic and "RUNPATH" not in dynamic,
    }
    return [name for name, holds in found.items() if not holds]


class Programs(unittest.TestCase):
    def test_each_has_what_the_linker_and_the_compiler_give(self):
        self.assertTrue((BUILD / "bin" / "vigie").exists(), f"nothing is built in {BUILD}")
        for name in PROGRAMS:
            with self.subTest(name):
                file = BUILD / "bin" / name
                if file.exists():  # of a partial build
                    self.assertEqual(weaknesses(file), [])

    def test_every_file_of_ours_is_compiled_so(self):
        """The programs show that some of their parts are; the commands, that all of ours are."""
        wanted = ["-D_FORTIFY_SOURCE=3", "-fstack-clash-protection", "-fstack-protector-strong"]
        if IS_X86_64:
            wanted.append("-fcf-protection=full")
        seen = 0
        for entry in json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8")):
            file = pathlib.Path(entry["file"])
            if not file.is_relative_to(TOP) or file.is_relative_to(BUILD):
                continue  # generated
            seen += 1
            missing = [flag for flag in wanted if flag not in entry["command"].split()]
            self.assertEqual(missing, [], file)
        self.assertGreater(seen, 100)


class Sample(unittest.TestCase):
    """Every optimised build type, by every compiler."""

    def built(self, folder, build_type, compiler):
        folder = pathlib.Path(folder)
        (folder / "sample.cc").write_text(SAMPLE)
        (folder / "CMakeLists.txt").write_text(LISTS.format(top=TOP))
        run(
            *("cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build"),
            *(f"-DCMAKE_BUILD_TYPE={build_type}", f"-DCMAKE_CXX_COMPILER={compiler}"),
            "-DVIGIE_CCACHE=VIGIE_CCACHE-NOTFOUND",
        )
        run("ninja", "-C", folder / "build")
        return folder / "build" / "bin" / "sample"

    def judge(self, sample):
        self.assertEqual(weaknesses(sample), [])
        symbols = run("readelf", "-W", "--dyn-syms", sample)
        self.assertIn("__memcpy_chk", symbols, "sizes that are known at run time alone (FORTIFY 3)")
        frame = disassembly(sample, "large_frame")
        self.assertNotEqual(frame, "")
        self.assertRegex(frame, rf"sub\s+\$0x{PAGE:x},%rsp|orq?\s+\$0x0,|\bsub\s+\$0x{PAGE:x},%r")
        if IS_X86_64:
            self.assertIn("endbr64", disassembly(sample, "guarded").splitlines()[0])

    def test_a_program_without_all_that_is_seen(self):
        with tempfile.TemporaryDirectory(prefix="vigie-hardening-") as folder:
            source = pathlib.Path(folder) / "sample.cc"
            source.write_text(SAMPLE)
            bare = pathlib.Path(folder) / "bare"
            run(
                *("g++", "-O2", "-U_FORTIFY_SOURCE", "-fno-stack-protector", "-no-pie", "-fno-pie"),
                *("-Wl,-z,norelro,-z,lazy,-z,execstack", "-Wl,-rpath,/tmp"),
                *(source, "-o", bare),
            )
            self.assertEqual(
                weaknesses(bare),
                [
                    *("position-independent", "relocations read-only", "bound at the start"),
                    *("stack not executable", "stack guarded", "copies checked", "no RPATH"),
                ],
            )

    def test_every_optimised_build_type_of_every_compiler(self):
        compilers = [name for name in ("g++", "clang++-14") if shutil.which(name)]
        self.assertTrue(compilers)
        for compiler in compilers:
            for build_type in ("Release", "RelWithDebInfo", "MinSizeRel"):
                with self.subTest(f"{compiler} {build_type}"):
                    with tempfile.TemporaryDirectory(prefix="vigie-hardening-") as folder:
                        self.judge(self.built(folder, build_type, compiler))


if __name__ == "__main__":
    unittest.main(verbosity=2)
