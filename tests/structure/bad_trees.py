"""The test of the rules: a good tree that they let pass, and for each a change that it refuses."""

import pathlib
import tempfile

import documents

VAGUE_NAMES = {"common", "util", "utils", "misc", "helpers", "shared"}
TEXT_HEADER = """#include <string>
#include <unicode/uchar.h>
#include "proto/log_topics.h"
// std::regex is not used
"""
GOOD = {
    "platform/README.md": "platform\n",
    "platform/text/CMakeLists.txt": "vigie_folder(DEPS proto LIBS icu)\n",
    "platform/text/text.h": TEXT_HEADER,
    "proto/README.md": "proto\n",
    "proto/CMakeLists.txt": "vigie_folder()\n",
    "proto/log_topics.h": "#pragma once\n",
    "crawler/README.md": "crawler\nMay be used by `vigie`\nalone.\n",
    "crawler/CMakeLists.txt": "vigie_folder(DEPS platform/text TEST_DEPS records)\n",
    "crawler/a.cc": '#include "platform/text/text.h"\nauto text = "gumbo_destroy_output";\n',
    "vigie/README.md": "vigie\n",
    "vigie/CMakeLists.txt": "vigie_folder(DEPS crawler)\nvigie_program(vigie vigie)\n",
    "vigie/main.cc": '#include "crawler/a.h"\n#include <CLI/CLI.hpp>\n',
    "tests/README.md": "tests\n",
    "tests/unit/crawler/a_test.cc": '#include <gtest/gtest.h>\n#include "tests/unit/x.h"\n',
    "tests/unit/x.h": '#include "crawler/a.h"\n#include "proto/page.pb.h"\n',
    "tests/bench/scan_bench.cc": "#include <hs/hs.h>\n#include <benchmark/benchmark.h>\n",
    "tests/structure/generated_files.txt": "# a list\nproto/table.cc: made\ntests/data/: data\n",
    "proto/table.cc": "x" * 101,
    "tests/data/a.css": "x" * 101,
    "ops/notes.md": "x" * 101,
}


def include(*names):
    return "".join(f"#include {name}\n" for name in names)


# Name of the rule: files that break it alone, and what the complaint must say. Nothing here has a
# CMakeLists.txt of its own, so that only the edge is at fault.
EDGES = {
    "proto depends on nothing": (
        {"proto/x/README.md": "", "proto/x/a.h": include('"platform/text/text.h"')},
        "proto/ may not depend on platform/",
    ),
    "platform does not see a service": (
        {"platform/b/b.h": include('"extractor/a.h"')},
        "platform/ may not depend on extractor/",
    ),
    "crawler does not see extractor": (
        {"crawler/b/b.cc": include('"extractor/extract.h"')},
        "crawler/ may not depend on extractor/",
    ),
    "extractor does not see indexer": (
        {"extractor/README.md": "", "extractor/b.cc": '\n  # include "indexer/shard/shard.h"\n'},
        "extractor/b.cc:2: ",
    ),
    "indexer does not see extractor": (
        {"indexer/README.md": "", "indexer/b.cc": include('"extractor/a.h"')},
        "indexer/ may not depend on extractor/",
    ),
    "no service sees the command line": (
        {"crawler/b/b.cc": include('"vigie/station.h"')},
        "crawler/ may not depend on vigie/",
    ),
    "nothing but tests sees tests": (
        {"crawler/b/b.cc": include('"tests/unit/x.h"')},
        "crawler/ may not depend on tests/",
    ),
    "a library has one owner": (
        {"crawler/b.cc": include("<unicode/uchar.h>")},
        "ICU is visible to",
    ),
    "quotes do not hide a library": (
        {"crawler/b.cc": include('"curl/curl.h"')},
        "libcurl is visible to platform/net",
    ),
    "a sub-folder is not its parent": (
        {"platform/text/deep/README.md": "", "platform/text/deep/b.cc": include("<unicode/a.h>")},
        "ICU is visible to",
    ),
    "tests see no library but their own": (
        {"tests/unit/crawler/b_test.cc": include("<gumbo.h>")},
        "gumbo is visible to extractor/dom",
    ),
    "code does not see GoogleTest": (
        {"crawler/b.cc": include("<gtest/gtest.h>")},
        "GoogleTest is visible to tests",
    ),
    "Boost beyond the table": (
        {"crawler/b.cc": include("<boost/algorithm/string.hpp>")},
        "another part of Boost",
    ),
    "Beast in few files": (
        {f"platform/http/{i}.cc": include("<boost/beast/http.hpp>") for i in range(4)},
        "Boost.Beast is included by 4 files",
    ),
    "includes begin at the root": (
        {"crawler/b.cc": include('"a.h"')},
        "from the root of the tree",
    ),
}
DEPENDENCIES = {
    "a dependency is declared": (
        {"crawler/b.cc": include('"proto/log_topics.h"')},
        "crawler/b.cc:1: includes proto, which DEPS of crawler/CMakeLists.txt do not name",
    ),
    "what protoc makes is a dependency": (
        {"crawler/b.cc": include('"proto/page.pb.h"')},
        "crawler/b.cc:1: includes records, which DEPS",
    ),
    "a declared dependency is included": (
        {"crawler/CMakeLists.txt": "vigie_folder(DEPS platform/text proto TEST_DEPS records)\n"},
        "DEPS name proto, which nothing there includes",
    ),
    "a dependency is declared once": (
        {
            "proto/CMakeLists.txt": "vigie_folder(LIBS openssl\n  DEPS  # two\n records records)\n",
            "proto/b.h": include('"proto/page.pb.h"'),
        },
        "DEPS name records, which is named already",
    ),
    "a dependency of tests is declared": (
        {"tests/unit/crawler/b_test.cc": include('"proto/log_topics.h"')},
        "includes proto, which TEST_DEPS of crawler/CMakeLists.txt do not name",
    ),
    "headers of tests hand on what they include": (
        {
            "tests/unit/proto/b_test.cc": include('"tests/unit/proto/b.h"'),
            "tests/unit/proto/b.h": include('"platform/text/text.h"'),
        },
        "tests/unit/proto/b.h:1: includes platform/text, which TEST_DEPS of proto/CMakeLists.txt",
    ),
    "a declared dependency of tests is included": (
        {"proto/CMakeLists.txt": "vigie_folder(TEST_DEPS crawler)\n"},
        "TEST_DEPS name crawler, which nothing there includes",
    ),
    "tests do not declare again": (
        {
            "crawler/CMakeLists.txt": "vigie_folder(DEPS platform/text\n"
            "             TEST_DEPS records platform/text)\n",
            "tests/unit/crawler/b_test.cc": include('"platform/text/text.h"'),
        },
        "TEST_DEPS name platform/text, which is named already",
    ),
    "a program declares what its main includes": (
        {
            "proto/CMakeLists.txt": "vigie_folder()\nvigie_program(p records)\n",
            "proto/main.cc": include('"proto/page.pb.h"', '"proto/log_topics.h"'),
        },
        "includes proto, which the folders of vigie_program of proto/CMakeLists.txt do not name",
    ),
    "a program's main includes what it declares": (
        {
            "proto/CMakeLists.txt": "vigie_folder()\nvigie_program(p records crawler)\n",
            "proto/main.cc": include('"proto/page.pb.h"'),
        },
        "the folders of vigie_program name crawler, which nothing there includes",
    ),
    "who may use a folder": (
        {
            "indexer/README.md": "May be used by `indexer/api`, `crawler` and `vigie/` alone.",
            "indexer/api/a.h": include('"indexer/deep/a.h"'),
            "indexer/deep/README.md": "May be used by `indexer/api` alone.",
            "indexer/b/b.cc": include('"indexer/deep/a.h"'),
        },
        "includes indexer/deep/a.h: indexer/deep/README.md lets indexer/api alone use it",
    ),
    "who may use what lies below a folder": (
        {
            "extractor/README.md": "May be used by `vigie` alone.",
            "extractor/deep/a.h": "",
            "extractor/b.h": include('"extractor/deep/a.h"'),
            "tests/unit/vigie/a_test.cc": include('"extractor/deep/a.h"'),
            "vigie/README.md": "May be used by `tests` alone.",
            "vigie/CMakeLists.txt": "vigie_folder(DEPS crawler TEST_DEPS extractor/deep)\n"
            "vigie_program(vigie vigie)\n",
            "platform/README.md": "May be used by `proto` alone.",
        },
        "crawler/a.cc:1: includes platform/text/text.h: platform/README.md lets proto alone use it",
    ),
    "users of a folder exist": (
        {"proto/README.md": "May be used by `crawler`, `platform` and `indexer` alone."},
        "lets indexer use it, and there is no such folder",
    ),
    **{
        f"one wording: {sentence}": (
            {"proto/README.md": sentence},
            "which is checked, or say nothing",
        )
        for sentence in (
            "May be used by `crawler`.",
            "May be used by everything alone.",
            "Only `crawler` may depend on this folder.",
            "Anything may depend\non it.",
            "Nobody but the crawler depends on it.",
        )
    },
}

LONG_BODY = "  call();\n" * 58
SCRIPT_BODY = "  call();\n" * 59
# A function that looks longer than it is: what stands in strings, comments and preprocessor lines
# opens nothing.
TRICKY = (
    "#define OPEN {\n"
    "Type::Type(int a) : a_(a), b_{a, {1}} {\n"
    '  f("{", R"x({)" {)x", \'{\', 1\'000);  // {\n'
    "}\n"
    "struct S {\n" + "  int member;\n" * 70 + "};\n"
    "const int kData[] = {\n" + "  1,\n" * 70 + "};\n"
    "namespace vigie::crawler::b {\n" + LONG_BODY.replace("call", "int f") + "}\n"
)
FORMS = {
    "long file": ({"crawler/long.py": "pass\n" * 801}, "has 801 lines"),
    "long file without an end of line": (
        {"crawler/long.css": "a{}\n" * 800 + "b{}"},
        "has 801 lines",
    ),
    **{
        f"long line of {name}": (
            {name: "// " + "é" * 97 + "\n// " + "é" * 98 + "\n"},
            f"{name}:2: has 101",
        )
        for name in (
            "crawler/b.cc",
            "crawler/b.h",
            "vigie/a.tsx",
            "vigie/a.ts",
            "vigie/a.css",
            "vigie/a.mjs",
        )
    },
    "long line of Python": ({"crawler/long.py": "#" * 101}, "crawler/long.py:1: has 101 columns"),
    "long line of a program in Python": (
        {"crawler/long": "#!/usr/bin/env python3\n" + "#" * 101},
        "crawler/long:2: has 101 columns",
    ),
    "long function": (
        {"crawler/b.cc": TRICKY + "\ntemplate <class T>\nvoid f(T t) {\n" + LONG_BODY + "}\n"},
        ": f has 61 lines; 60 are the most, name its steps",
    ),
    "long method": (
        {
            "crawler/b.h": "class C final : B<int> {\n public:\n"
            "  C& operator=(const C& c) const {\n" + SCRIPT_BODY + "  }\n};\n"
        },
        "crawler/b.h:3: operator= has 61 lines",
    ),
    "long test": (
        {"tests/unit/crawler/b_test.cc": "TEST_F(A, B) {\n" + SCRIPT_BODY + "}\n"},
        "TEST_F(A, B) has 61 lines",
    ),
    "long lambda": (
        {"crawler/b.cc": "const auto f = [](int a) {\n" + SCRIPT_BODY + "};\n"},
        "crawler/b.cc:1: ",
    ),
    "long function of TypeScript": (
        {"crawler/b.ts": "export function f(a = {}): Map<{ a: b }, c> {\n" + SCRIPT_BODY + "}\n"},
        "crawler/b.ts:1: f has 61 lines",
    ),
    "long callback": (
        {
            "crawler/b.mjs": 'const a = /[{/]"{/.test(`{${b ? `}` : {}.c}`);\n'
            "test('{', async () => {\n" + SCRIPT_BODY + "});\n"
        },
        "crawler/b.mjs:2: test has 61 lines",
    ),
    "long component": (
        {
            "crawler/b.tsx": 'const C = (p: P) => (\n  <p>\n    it doesn\'t {"matter"}\n'
            + "    <br />\n" * 56
            + "  </p>\n);\n"
        },
        "crawler/b.tsx:1: C has 61 lines",
    ),
    "long method of a class of TypeScript": (
        {"crawler/b.ts": "class A {\n  f(): void {\n" + SCRIPT_BODY + "  }\n}\n"},
        "crawler/b.ts:2: f has 61 lines",
    ),
    "long function of Python": (
        {"crawler/b.py": "class A:\n    async def f(self):\n" + "        pass\n" * 60},
        "crawler/b.py:2: f has 61 lines",
    ),
    "exemption that nothing needs": (
        {"platform/config/README.md": "", "platform/config/keys.cc": "int a() { return 1; }\n"},
        "platform/config/keys.cc: keys is not too long; strike it",
    ),
}
WORDS = {
    "word of a language in code": (
        {"platform/dates/b.cc": 'const char* a = "июня";\n', "platform/dates/README.md": ""},
        "platform/dates/b.cc:1: июня is a word of a language",
    ),
    "word list without a source": (
        {"platform/dates/b.txt": "# Words.\njoint de: von\n", "platform/dates/README.md": ""},
        "platform/dates/b.txt: says no source of its words",
    ),
    "word list with a line of another form": (
        {"platform/dates/b.txt": "# W.\n# Source: own.\nvon\n", "platform/dates/README.md": ""},
        "platform/dates/b.txt:3: no line of words",
    ),
    "word that stands twice": (
        {
            "platform/dates/b.txt": "# W.\n# Source: own.\njoint de: von\njoint de: van, von\n",
            "platform/dates/README.md": "",
        },
        "platform/dates/b.txt:4: von stands twice under joint de",
    ),
}
NAMES = {
    **{
        f"folder called {name}": ({f"crawler/{name}/a.txt": ""}, f"a folder called '{name}'")
        for name in sorted(VAGUE_NAMES)
    },
    "folder without a README": ({"extractor/b.cc": ""}, "extractor: holds code and no README.md"),
    "sub-folder without a README above": (
        {"crawler/deep/deeper/b.py": ""},
        "crawler/deep/deeper: holds code and no README.md",
    ),
    "std::regex": (
        {"crawler/b.cc": "void f() {\n  std::regex r;\n}\n"},
        "crawler/b.cc:2: std::regex",
    ),
    "the header of std::regex": (
        {"crawler/b.cc": include("<regex>")},
        "crawler/b.cc:1: std::regex",
    ),
    "gumbo_destroy_output": (
        {"crawler/b.cc": "gumbo_destroy_output(&o, p);\n"},
        "gumbo_destroy_output recurses",
    ),
    "a topic of another folder": (
        {"crawler/b.cc": "auto t = proto::Topic::kSubscriptions;  // Topic::kSubscriptions\n"},
        "crawler/b.cc:1: Topic::kSubscriptions is indexer/subscriptions's; ask it",
    ),
    "a topic of another folder, beside who may show it": (
        {
            "indexer/README.md": "",
            "indexer/api/log_api.cc": "auto t = Topic::kSubscriptions;\n",
            "indexer/api/alert_api.cc": "auto t = Topic::kSubscriptions;\n",
            "tests/unit/crawler/c_test.cc": "auto t = Topic::kSubscriptions;\n",
        },
        "indexer/api/alert_api.cc:1: Topic::kSubscriptions is",
    ),
    "a namespace of another folder": (
        {
            "crawler/b.h": "namespace vigie::text {\n}\nnamespace vigie::crawler::feeds {\n}\n",
            "platform/text/b.h": "namespace vigie::text::ascii {\n}\n",
            "platform/text/c.h": "namespace std {\n}\nnamespace vigie {\n}\n",
        },
        "platform/text/c.h: vigie is not of this folder; vigie::text is",
    ),
    "ASCII said again": (
        {
            "crawler/b.cc": "bool is_digit(char c) { return c >= '0' && c <= '9'; }\n",
            "platform/text/ascii.h": "constexpr bool is_digit(char c) { return c == '0'; }\n",
        },
        "crawler/b.cc:1: is_digit is in platform/text/ascii.h",
    ),
    "a clock past the seam": (
        {"crawler/b.cc": "// steady_clock\nauto t = std::chrono::steady_clock::now();\n"},
        "crawler/b.cc:2: steady_clock is past the seam",
    ),
    "a clock past the seam under a name of its own": (
        {
            "crawler/b.cc": "using Clock = std::chrono::system_clock;\n",
            "tests/unit/crawler/c_test.cc": "using Clock = std::chrono::system_clock;\n",
        },
        "crawler/b.cc:1: system_clock is past the seam",
    ),
    "the machine's time where nothing waits on the machine": (
        {
            "platform/clock/CMakeLists.txt": "vigie_folder()\n",
            "platform/clock/machine_time.h": "using T = std::chrono::steady_clock;\n",
            "crawler/CMakeLists.txt": "vigie_folder(DEPS platform/clock platform/text "
            "TEST_DEPS records)\n",
            "crawler/b.cc": '#include "platform/clock/machine_time.h"\n',
        },
        "crawler/b.cc:1: only who waits on the machine",
    ),
}
GOOD |= documents.GOOD
# What is no method and no member of the class: what it uses, declares elsewhere or defines inside,
# functions that are members, comments.
LARGEST = (
    " public:\n  using A = int;\n  struct In;\n  struct Plain {\n"
    + "    int x = f(1);\n" * 30
    + "  };\n  enum class E { kA, kB };\n  static constexpr int kMost{5};\n  // int z_;\n"
    + "  explicit C(int a) : a_(a), b_{1} {}\n  int f(std::function<void(int)> g) const;\n" * 12
    + "  bool operator==(const C&) const = default;\n private:\n"
    + "  std::function<void(int)> on_done_;\n  int count_ = f(3);\n  B b_{1};\n" * 5
)
CLASSES = {
    "class with many methods": (
        {"crawler/b.h": "class C {\n" + LARGEST + "  void g();\n};\n"},
        "crawler/b.h:1: class C has 26 methods; 25 are the most",
    ),
    "class with many members": (
        {
            "crawler/b.cc": "namespace vigie::crawler {\nclass C final : B {\n"
            + LARGEST
            + "  int more_;\n};\n}\n"
        },
        "crawler/b.cc:2: class C has 16 members; 15 are the most",
    ),
    "class inside a class with many members": (
        {"crawler/b.h": "class A {\n  class C {\n" + LARGEST + "    int more_;\n  };\n};\n"},
        "crawler/b.h:2: class C has 16 members",
    ),
    "struct with many methods": (
        {"crawler/b.h": "struct C {\n" + LARGEST + "  void g();\n};\n"},
        "struct C has 26 methods",
    ),
}
GOOD["crawler/large.h"] = (
    "class C {\n" + LARGEST + "};\n" + "struct S {\n" + "  int x;\n" * 40 + "};\n"
)
BAD = {**EDGES, **DEPENDENCIES, **FORMS, **CLASSES, **NAMES, **WORDS, **documents.BAD}
MADE = {"build-x/a.cc": "std::regex r;\n", "indexer/node_modules/util/a.ts": "\n" * 900}


def violations_of(files, check):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return check(root)


def self_test(check):
    failed = 0
    if found := violations_of(GOOD, check):
        failed += 1
        print("a good tree is refused:\n  " + "\n  ".join(found))
    if found := violations_of({**GOOD, **MADE}, check):
        failed += 1
        print("what is made is not left out:\n  " + "\n  ".join(found))
    for rule, (files, complaint) in BAD.items():
        found = violations_of({**GOOD, **files}, check)
        if len(found) != 1 or complaint not in found[0]:
            failed += 1
            print(f"{rule}: expected one complaint with '{complaint}', got {found}")
    print(f"{len(BAD) + 2} trees, {failed} wrong")
    return 1 if failed else 0
