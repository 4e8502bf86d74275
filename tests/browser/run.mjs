// Installs what the browser tests need into the build tree and runs them.
//   node run.mjs BUILD_FOLDER [test name pattern]
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const build = resolve(process.argv[2] ?? join(here, "../../build"));
const patience = Number(process.env.VIGIE_PATIENCE ?? 1);
const longestMs = 1_400_000; // below the limit of ctest, so that we end the children

function stop(sentence) {
  console.error(`browser tests: ${sentence}`);
  process.exit(1);
}
if (!existsSync("/usr/bin/chromium"))
  stop("there is no /usr/bin/chromium. Install it with ops/install --test (Debian's chromium).");
if (!existsSync(join(build, "bin/vigie")))
  stop(
    `there is no ${join(build, "bin/vigie")}. ` +
      `Build it first: cmake --build ${build} --target vigie.`,
  );

const modules = join(build, "tests/browser-modules"),
  lock = readFileSync(join(here, "package-lock.json"), "utf8"),
  installed = join(modules, "node_modules/.installed");
if (!existsSync(installed) || readFileSync(installed, "utf8") !== lock) {
  mkdirSync(modules, { recursive: true });
  for (const name of ["package.json", "package-lock.json"])
    copyFileSync(join(here, name), join(modules, name));
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: modules,
    stdio: "inherit",
  });
  if (status !== 0) stop("npm ci failed; its own message stands above.");
  writeFileSync(installed, lock);
}

const pattern = process.argv[3] ? [`--test-name-pattern=${process.argv[3]}`] : [];
const tests = spawn(
  process.execPath,
  ["--test-reporter=spec", ...pattern, join(here, "pages.test.mjs")],
  {
    cwd: here,
    stdio: "inherit",
    env: { ...process.env, VIGIE_BUILD: build, VIGIE_BROWSER_MODULES: modules },
  },
);
const timer = setTimeout(() => {
  console.error(`browser tests: not done within ${longestMs / 1000} s`);
  tests.kill("SIGTERM");
}, longestMs);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => tests.kill("SIGTERM"));
tests.on("exit", (code) => {
  clearTimeout(timer);
  process.exit(code ?? 1);
});
