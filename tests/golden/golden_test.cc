// The listings of tests/golden are what the compiler prints. With BPFC_REBASE=1 in the environment
// the files are rewritten instead (scripts/rebase-golden).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "bpfc/compile.h"
#include "bpfc/listing.h"
#include "tests/golden/golden_file.h"

namespace bpfc::golden {
namespace {

// Every name that the files use.
const TableNameResolver& names() {
  static const TableNameResolver kResolver(
      NameTable{.hosts = {{"two", {{0x0a000001, 0x0a000002}, {}}}},
                .ethers = {{"gate", EthernetAddress{0, 1, 2, 3, 4, 5}}},
                .networks = {{"loopback", 0x7f000000}},
                .ports = {{"http", {80, 80, std::nullopt}}, {"domain", {53, 53, std::nullopt}}},
                .protocols = {{"tcp", 6}, {"udp", 17}, {"icmp", 1}}});
  return kResolver;
}

CompileOptions options_of(const Entry& entry) {
  CompileOptions options;
  options.link_type = find_link_type(entry.link_type);
  options.resolver = &names();
  const auto has = [&](std::string_view word) {
    return entry.options.find(word) != std::string::npos;
  };
  options.target = has("linux-ext")          ? Target::kLiveLinux
                   : has("savefile=native")  ? Target::kNativeSavefile
                   : has("savefile=swapped") ? Target::kSwappedSavefile
                                             : Target::kPlain;
  if (has("netmask")) {
    options.netmask = 0xffffff00U;
  }
  return options;
}

std::string printed(const std::string& expression, CompileOptions options, Optimization level) {
  if (options.link_type == nullptr) {
    return "no such link type\n";
  }
  options.optimization = level;
  const auto compiled = compile(expression, options);
  if (!compiled) {
    return "refused: " + compiled.error().message + "\n";
  }
  std::string text;
  for (const Diagnostic& warning : compiled->warnings) {
    text += "warning: " + warning.message + "\n";
  }
  return text + to_listing(compiled->program);
}

std::vector<std::filesystem::path> golden_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(BPFC_SOURCE_DIR "/tests/golden")) {
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

void check(const Entry& entry) {
  SCOPED_TRACE(entry.link_type + ": " + entry.expression);
  const CompileOptions options = options_of(entry);
  EXPECT_EQ(printed(entry.expression, options, Optimization::kDefault), entry.optimized);
  EXPECT_EQ(printed(entry.expression, options, Optimization::kNone), entry.unoptimized);
  for (const std::string& alias : entry.aliases) {
    EXPECT_EQ(printed(alias, options, Optimization::kDefault), entry.optimized) << alias;
    EXPECT_EQ(printed(alias, options, Optimization::kNone), entry.unoptimized) << alias;
  }
}

void rebase(const std::filesystem::path& path, std::vector<Entry> entries) {
  for (Entry& entry : entries) {
    const CompileOptions options = options_of(entry);
    entry.optimized = printed(entry.expression, options, Optimization::kDefault);
    entry.unoptimized = printed(entry.expression, options, Optimization::kNone);
  }
  write_golden_file(path, entries);
}

TEST(Golden, ListingsAreAsExpected) {
  const bool rebasing = std::getenv("BPFC_REBASE") != nullptr;
  std::size_t count = 0;
  for (const std::filesystem::path& path : golden_files()) {
    const std::vector<Entry> entries = read_golden_file(path);
    EXPECT_FALSE(entries.empty()) << path;
    count += entries.size();
    if (rebasing) {
      rebase(path, entries);
    } else {
      std::for_each(entries.begin(), entries.end(), check);
    }
  }
  EXPECT_GE(count, 100U) << "entries are missing";
}

}  // namespace
}  // namespace bpfc::golden
