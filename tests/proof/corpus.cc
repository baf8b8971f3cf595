#include "tests/proof/corpus.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "bpfc/compile.h"
#include "bpfc/listing.h"
#include "tests/compiler/known_names.h"
#include "tests/golden/golden_file.h"
#include "tests/oracle/expression_generator.h"
#include "tests/oracle/expression_list.h"

namespace bpfc::testing {
namespace {

// The kernel's rules, or libpcap's where it is too long for the kernel.
void add(std::vector<ProgramPair>& pairs, std::string name, const Program& unoptimized,
         const Program& optimized) {
  for (const Rules rules : {Rules::kKernel, Rules::kLibpcap}) {
    auto before = verify(unoptimized, rules);
    auto after = verify(optimized, rules);
    if (!before || !after) continue;
    pairs.push_back({std::move(name), std::move(*before), std::move(*after)});
    return;
  }
}

Program listed_program(std::string listing) {
  while (listing.starts_with("warning: ")) listing.erase(0, listing.find('\n') + 1);
  return parse_program(listing).value_or(Program{});
}

CompileOptions options_for(const std::string& link_type) {
  static const TableNameResolver kNames = known_names();
  CompileOptions options;
  options.link_type = find_link_type(link_type);
  options.netmask = 0xffffff00U;
  options.resolver = &kNames;
  options.warnings = {};
  return options;
}

void add_compiled(std::vector<ProgramPair>& pairs, const std::string& link_type,
                  const std::string& text) {
  CompileOptions options = options_for(link_type);
  if (options.link_type == nullptr) return;
  const auto optimized = compile(text, options);
  options.optimization = Optimization::kNone;
  const auto unoptimized = compile(text, options);
  if (!optimized || !unoptimized) return;
  add(pairs, link_type + ": " + text, unoptimized->program, optimized->program);
}

}  // namespace

std::vector<ProgramPair> golden_pairs() {
  std::vector<ProgramPair> pairs;
  for (const auto& file : std::filesystem::directory_iterator(BPFC_SOURCE_DIR "/tests/golden")) {
    if (file.path().extension() != ".txt" || file.path().filename() == "CMakeLists.txt") continue;
    for (const golden::Entry& entry : golden::read_golden_file(file.path().string())) {
      const Program unoptimized = listed_program(entry.unoptimized);
      const Program optimized = listed_program(entry.optimized);
      if (unoptimized.empty() || optimized.empty()) continue;
      add(pairs, entry.link_type + ": " + entry.expression, unoptimized, optimized);
    }
  }
  std::sort(pairs.begin(), pairs.end(),
            [](const ProgramPair& a, const ProgramPair& b) { return a.name < b.name; });
  return pairs;
}

std::vector<ProgramPair> expression_pairs(std::size_t count) {
  std::vector<ProgramPair> pairs;
  auto listed = oracle::read_expression_list("expressions.txt");
  std::mt19937 random(20);
  std::shuffle(listed.begin(), listed.end(), random);
  for (const auto& expression : listed) {
    if (pairs.size() * 2 >= count) break;
    add_compiled(pairs, expression.link_type, expression.text);
  }
  std::vector<std::string> primitives = oracle::generated_primitives();
  // Chains of headers are what takes longest to prove, and tests/data has its share of them.
  std::erase_if(primitives, [](const std::string& text) {
    return text.find("protochain") != std::string::npos || !compile(text, options_for("EN10MB"));
  });
  constexpr const char* kLinkTypes[] = {"EN10MB", "EN10MB", "EN10MB", "RAW", "LINUX_SLL2"};
  constexpr unsigned kMostPrimitives = 4;
  for (std::size_t i = 0; pairs.size() < count && i < 10 * count; ++i) {
    add_compiled(pairs, kLinkTypes[i % std::size(kLinkTypes)],
                 oracle::random_combination(primitives, random, kMostPrimitives));
  }
  return pairs;
}

std::size_t proof_count(std::size_t usual) {
  const char* given = std::getenv("BPFC_PROOF_COUNT");
  return given != nullptr ? std::strtoul(given, nullptr, 10) : usual;
}

}  // namespace bpfc::testing
