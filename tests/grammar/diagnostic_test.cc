#include "bpfc/diagnostic.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bpfc::tests {
namespace {

Diagnostic at(std::uint32_t begin, std::uint32_t end, std::string hint = {}) {
  return {DiagnosticCode::kSyntax, {begin, end}, "it is wrong", std::move(hint)};
}

TEST(Diagnostic, CaretUnderTheRange) {
  EXPECT_EQ(render(at(4, 6, "tcp port 80"), "tcp 80", "filter"),
            "filter:1:5: error: it is wrong\n"
            "  tcp 80\n"
            "      ^~\n"
            "  perhaps: tcp port 80");
}

TEST(Diagnostic, OriginAndSeverityAreTheCallers) {
  EXPECT_EQ(render(at(0, 3), "tcp", "my.file", "warning"),
            "my.file:1:1: warning: it is wrong\n  tcp\n  ^~~");
}

TEST(Diagnostic, RangesAtTheEndAndEmpty) {
  EXPECT_EQ(render(at(3, 3), "tcp", "f"), "f:1:4: error: it is wrong\n  tcp\n     ^");
  EXPECT_EQ(render(at(0, 0), "", "f"), "f:1:1: error: it is wrong\n  \n  ^");
  EXPECT_EQ(render(at(0, 0), "tcp", "f"), "f:1:1: error: it is wrong\n  tcp\n  ^");
  // Past the end: taken back to it.
  EXPECT_EQ(render(at(90, 95), "tcp", "f"), "f:1:4: error: it is wrong\n  tcp\n     ^");
  EXPECT_EQ(render(at(2, 1), "tcp", "f"), "f:1:3: error: it is wrong\n  tcp\n    ^");
}

TEST(Diagnostic, LinesAreCountedAndShownAlone) {
  const std::string_view source = "tcp\nor 80\nor udp";
  EXPECT_EQ(render(at(7, 9), source, "f"), "f:2:4: error: it is wrong\n  or 80\n     ^~");
  EXPECT_EQ(render(at(10, 12), source, "f"), "f:3:1: error: it is wrong\n  or udp\n  ^~");
  // The line break itself belongs to the line that it ends.
  EXPECT_EQ(render(at(3, 3), source, "f"), "f:1:4: error: it is wrong\n  tcp\n     ^");
  // A range over several lines is marked on its first.
  EXPECT_EQ(render(at(0, 9), source, "f"), "f:1:1: error: it is wrong\n  tcp\n  ^~~");
}

TEST(Diagnostic, LongLinesAreCutAroundTheRange) {
  const std::string source = std::string(500, 'a') + "!" + std::string(500, 'b');
  EXPECT_EQ(render(at(500, 501), source, "f"),
            "f:1:501: error: it is wrong\n"
            "  ..." +
                std::string(40, 'a') + "!" + std::string(59, 'b') +
                "...\n"
                "  " +
                std::string(43, ' ') + "^");
  EXPECT_EQ(
      render(at(0, 1001), source, "f"),
      "f:1:1: error: it is wrong\n  " + std::string(100, 'a') + "...\n  ^" + std::string(99, '~'));
  EXPECT_EQ(render(at(1001, 1001), source, "f"), "f:1:1002: error: it is wrong\n  ..." +
                                                     std::string(40, 'b') + "\n  " +
                                                     std::string(43, ' ') + "^");
}

TEST(Diagnostic, ControlCharactersAreSpaces) {
  EXPECT_EQ(render(at(4, 7), "tcp\tfoo\x1b[31m\x7f", "f"),
            "f:1:5: error: it is wrong\n  tcp foo [31m \n      ^~~");
  EXPECT_EQ(render(at(0, 1), std::string_view("\0x", 2), "f"),
            "f:1:1: error: it is wrong\n   x\n  ^");
  EXPECT_EQ(render(at(0, 3, "a\nb"), "tcp", "f"),
            "f:1:1: error: it is wrong\n  tcp\n  ^~~\n  perhaps: a b");
}

TEST(Diagnostic, Utf8TakesAColumnForEachCharacter) {
  EXPECT_EQ(render(at(10, 12), "h\xc3\xb4te \xe2\x82\xac 80", "f"),
            "f:1:11: error: it is wrong\n  h\xc3\xb4te \xe2\x82\xac 80\n         ^~");
}

TEST(Diagnostic, EveryCodeHasANameOfItsOwn) {
  std::vector<std::string_view> names;
  for (auto code = 0; code <= static_cast<int>(DiagnosticCode::kWarnFragments); ++code) {
    names.push_back(name(static_cast<DiagnosticCode>(code)));
    EXPECT_NE(names.back(), "unknown");
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace bpfc::tests
