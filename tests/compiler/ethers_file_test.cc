#include "compiler/ethers_file.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace bpfc::compiler {
namespace {

struct Case {
  const char* line;
  std::optional<EthernetAddress> printer;  // what "printer" is then
};

// Each was put to the C library's ether_hostton().
const Case kCases[] = {
    {"0:1:2:3:4:5 printer", EthernetAddress{0, 1, 2, 3, 4, 5}},
    {"00:11:22:33:44:ff\tprinter # upstairs", EthernetAddress{0, 0x11, 0x22, 0x33, 0x44, 0xff}},
    {" 6:7:8:9:A:b PRINTER", EthernetAddress{6, 7, 8, 9, 10, 11}},
    {"1:2:3:4:5:6  printer scanner", EthernetAddress{1, 2, 3, 4, 5, 6}},
    {"1:2:3:4:5:6 printer#1", EthernetAddress{1, 2, 3, 4, 5, 6}},
    {"0x1:0x2:+3: 4:5:0006 printer", EthernetAddress{1, 2, 3, 4, 5, 6}},
    {"1:2:3:4:5:6 scanner printer", std::nullopt},
    {"1:2:3:4:5 printer", std::nullopt},
    {"1:2:3:4:5:6:7 printer", std::nullopt},
    {"1:2:3:4:5:100 printer", std::nullopt},
    {"-1:2:3:4:5:6 printer", std::nullopt},
    {"1-2-3-4-5-6 printer", std::nullopt},
    {"1:2:3:4:5:6#printer", std::nullopt},
    {"1:2:3:4:5:6 #printer", std::nullopt},
    {"1:2:3:4:5:6", std::nullopt},
    {"1:2:3:4:5:6 ", std::nullopt},
    {"printer", std::nullopt},
    {"", std::nullopt},
};

TEST(EthersFile, TakesTheLinesThatTheCLibraryTakes) {
  for (const Case& one : kCases) {
    std::istringstream file(one.line);
    EXPECT_EQ(find_ether(file, "printer"), one.printer) << one.line;
  }
}

TEST(EthersFile, FirstGoodLineWins) {
  std::istringstream file(
      "# printers\n"
      "1:2:3:4:5 printer\n"
      "1:2:3:4:5:6 printer\n"
      "1:2:3:4:5:7 printer");
  EXPECT_EQ(find_ether(file, "printer"), (EthernetAddress{1, 2, 3, 4, 5, 6}));
}

TEST(EthersFile, NameIsComparedWhole) {
  std::istringstream file("1:2:3:4:5:6 printers\n1:2:3:4:5:7 print\n");
  EXPECT_EQ(find_ether(file, "printer"), std::nullopt);
}

}  // namespace
}  // namespace bpfc::compiler
