// Runs a fuzz target over its corpus, and over repeatable mutations of it, as a unit test.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

/// Mutations of each input, more of a small one; VIGIE_FUZZ_MUTATIONS=N for another number.
constexpr int kMutations = 64;
constexpr int kMutationsOfSmall = 200;
constexpr std::size_t kSmallBytes = 4 << 10;
/// Larger inputs are run as they are and not mutated: a unit test must stay quick.
constexpr std::size_t kMaxMutatedBytes = 64 << 10;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutated(const std::string& input, const std::vector<std::string>& all,
                    std::mt19937_64& random) {
  std::string out = input;
  const int steps = 1 + static_cast<int>(random() % 4);
  for (int step = 0; step < steps; ++step) {
    const std::size_t at = out.empty() ? 0 : random() % out.size();
    switch (random() % 6) {
      case 0:
        if (!out.empty())
          out[at] = static_cast<char>(static_cast<unsigned char>(out[at]) ^ (1U << random() % 8));
        break;
      case 1:
        if (!out.empty()) out[at] = static_cast<char>(random());
        break;
      case 2: out.resize(at); break;
      case 3: out.insert(at, 1 + random() % 8, static_cast<char>(random())); break;
      case 4: out.erase(at, 1 + random() % 16); break;
      default: {
        const std::string& other = all[random() % all.size()];
        out.insert(at,
                   other.substr(other.empty() ? 0 : random() % other.size(), 1 + random() % 256));
      }
    }
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  std::vector<std::string> inputs;
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1], error))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  if (inputs.empty()) {
    std::fprintf(stderr, "%s: there is no corpus; add at least one input\n", argv[1]);
    return 1;
  }
  run("");
  const char* wanted = std::getenv("VIGIE_FUZZ_MUTATIONS");
  const char* seed_text = std::getenv("VIGIE_SEED");
  const std::uint64_t seed = seed_text != nullptr ? std::strtoull(seed_text, nullptr, 10) : 1;
  std::mt19937_64 random(seed);
  std::size_t runs = 1;
  for (const std::string& input : inputs) {
    run(input);
    ++runs;
    if (input.size() > kMaxMutatedBytes) continue;
    const int mutations = wanted != nullptr            ? std::atoi(wanted)
                          : input.size() < kSmallBytes ? kMutationsOfSmall
                                                       : kMutations;
    for (int i = 0; i < mutations; ++i, ++runs) run(mutated(input, inputs, random));
  }
  std::printf("%zu inputs, %zu runs, seed %llu\n", inputs.size(), runs,
              static_cast<unsigned long long>(seed));
  return 0;
}
