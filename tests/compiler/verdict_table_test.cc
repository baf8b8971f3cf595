// tests/data/verdicts.txt: packets made by hand and the filters that match them, where the
// installed libpcap is no judge.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "bpfc/compile.h"
#include "bpfc/interpreter.h"
#include "bpfc/verify.h"
#include "tests/compiler/known_names.h"
#include "tests/hex_bytes.h"

namespace bpfc {
namespace {

// What stands between two titles: a link type, a packet, filters with their marks.
struct Row {
  std::size_t line = 0;
  char mark = 0;
  std::string filter;
  std::string link_type;  // with @native or @swapped
  std::vector<std::uint8_t> packet;
};

std::vector<Row> read_rows() {
  std::ifstream file(BPFC_SOURCE_DIR "/tests/data/verdicts.txt");
  std::vector<Row> rows;
  Row row;
  std::string text;
  for (std::size_t line = 1; std::getline(file, text); ++line) {
    if (text.empty() || text.front() == '#' || text.front() == '=') continue;
    const bool filter = text.front() == '+' || text.front() == '-' || text.front() == '!';
    if (filter) {
      row.line = line;
      row.mark = text.front();
      row.filter = text.substr(2);
      rows.push_back(row);
    } else if (text.front() == ' ') {
      for (const std::uint8_t byte : testing::hex_bytes(text)) row.packet.push_back(byte);
    } else {
      const std::size_t end = text.find(' ');
      row.link_type = text.substr(0, end);
      row.packet = end == std::string::npos ? std::vector<std::uint8_t>{}
                                            : testing::hex_bytes(text.substr(end));
    }
  }
  return rows;
}

CompileOptions options_of(const Row& row, const NameResolver& names) {
  CompileOptions options;
  const std::size_t at = row.link_type.find('@');
  options.link_type = find_link_type(row.link_type.substr(0, at));
  if (at != std::string::npos) {
    options.target =
        row.link_type.substr(at) == "@native" ? Target::kNativeSavefile : Target::kSwappedSavefile;
  }
  options.netmask = 0xffffff00;
  options.resolver = &names;
  return options;
}

TEST(VerdictTable, Holds) {
  const auto names = testing::known_names();
  const std::vector<Row> rows = read_rows();
  std::size_t verdicts = 0;
  for (const Row& row : rows) {
    CompileOptions options = options_of(row, names);
    ASSERT_NE(options.link_type, nullptr) << row.line << ": " << row.link_type;
    for (const Optimization level : {Optimization::kNone, Optimization::kDefault}) {
      options.optimization = level;
      const auto compiled = compile(row.filter, options);
      if (row.mark == '!') {
        EXPECT_FALSE(compiled) << "line " << row.line << ": " << row.filter;
        continue;
      }
      // What can match nothing at all is refused by the optimizer alone.
      const bool refused = !compiled && compiled.error().code == DiagnosticCode::kRejectsAll;
      if (refused && row.mark == '-') continue;
      ASSERT_TRUE(compiled) << "line " << row.line << ": " << row.filter << ": "
                            << compiled.error().message;
      const Packet packet{row.packet, static_cast<std::uint32_t>(row.packet.size()), 0, 0, nullptr};
      for (const Rules rules : {Rules::kKernel, Rules::kLibpcap}) {
        const auto verified = verify(compiled->program, rules);
        ASSERT_TRUE(verified) << "line " << row.line;
        const bool accepted = interpret(*verified, packet) != 0;
        EXPECT_EQ(accepted, row.mark == '+') << "line " << row.line << ": " << row.filter
                                             << (level == Optimization::kNone ? " -O" : "");
        ++verdicts;
      }
    }
  }
  EXPECT_GT(verdicts, 3000U);
  std::cout << rows.size() << " rows, " << verdicts << " verdicts\n";
}

}  // namespace
}  // namespace bpfc
