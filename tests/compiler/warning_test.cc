// What is warned of, where and with which hint; what is not; and that warnings change no program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>

#include "bpfc/compile.h"
#include "tests/compiler/known_names.h"
#include "tests/compiler/random_filter.h"
#include "tests/vm/program_generator.h"

namespace bpfc {
namespace {

struct Warning {
  std::string_view name;
  std::uint32_t begin;
  std::uint32_t end;
  std::string_view hint;
};

struct Row {
  const char* link_type;
  const char* text;
  std::vector<Warning> warnings;
};

std::vector<Row> rows() {
  return {
      {"EN10MB", "vlan 100 or tcp port 80", {{"moved-headers", 12, 23, "tcp port 80 or vlan 100"}}},
      {"EN10MB", "vlan 100 || tcp port 80", {{"moved-headers", 12, 23, "tcp port 80 or vlan 100"}}},
      {"EN10MB", "not vlan and tcp", {{"moved-headers", 13, 16, "tcp and not vlan"}}},
      {"EN10MB", "not (vlan or tcp)", {{"moved-headers", 13, 16, "not (tcp or vlan)"}}},
      {"EN10MB", "tcp or vlan and tcp", {{"moved-headers", 16, 19, "tcp or (vlan and tcp)"}}},
      {"EN10MB",
       "vlan 100 or vlan 200",
       {{"moved-headers", 12, 20,
         "vlan and (ether[14:2] & 0xfff = 100 or ether[14:2] & 0xfff = 200)"}}},
      {"EN10MB",
       "tcp and vlan 100 or vlan 200",
       {{"moved-headers", 20, 28, ""}, {"dead-branch", 0, 16, "vlan 100 and tcp or vlan 200"}}},
      {"EN10MB",
       "vlan 100 and tcp or udp port 53 or 54",
       {{"moved-headers", 20, 31, "udp port 53 or 54 or (vlan 100 and tcp)"}}},
      {"EN10MB",
       "( vlan 100 and ( tcp ) ) or ( udp )",
       {{"moved-headers", 30, 33, "( udp ) or ( vlan 100 and ( tcp ) )"}}},
      {"EN10MB",
       "port 80 and (udp or (vlan or arp) or tcp)",
       {{"moved-headers", 29, 32, ""}, {"dead-branch", 21, 25, ""}}},
      {"EN10MB",
       "(vlan 1 or vlan 2) and tcp",
       {{"moved-headers", 11, 17,
         "(vlan and (ether[14:2] & 0xfff = 1 or ether[14:2] & 0xfff = 2)) and tcp"},
        {"moved-headers", 23, 26, ""}}},
      {"EN10MB", "(vlan or ip) and tcp", {{"moved-headers", 9, 11, ""}}},
      {"EN10MB",
       "vlan or len > 100 or tcp",
       {{"moved-headers", 21, 24, "tcp or vlan or len > 100"}}},
      {"EN10MB", "vlan or ip[0] = 0x45", {{"moved-headers", 8, 20, "ip[0] = 0x45 or vlan"}}},
      {"EN10MB", "vlan or pppoed", {{"moved-headers", 8, 14, "pppoed or vlan"}}},
      {"EN10MB", "mpls 5 or host 1.2.3.4", {{"moved-headers", 10, 22, "host 1.2.3.4 or mpls 5"}}},
      {"EN10MB", "pppoes or arp", {{"moved-headers", 10, 13, "arp or pppoes"}}},
      {"EN10MB", "geneve or tcp", {{"moved-headers", 10, 13, "tcp or geneve"}}},
      {"EN10MB",
       "vxlan 7 or ether host 1:2:3:4:5:6",
       {{"moved-headers", 11, 33, "ether host 1:2:3:4:5:6 or vxlan 7"}}},
      {"EN10MB",
       "tcp port 80 or (vlan and tcp port 80) or (vlan and vlan and tcp port 80)",
       {{"moved-headers", 41, 72, ""}}},
      {"EN10MB",
       "port 80 or (443 and (22 or 23) or 24) and (vlan or tcp)",
       {{"moved-headers", 51, 54, "port 80 or (443 and (22 or 23) or 24) and (tcp or vlan)"},
        {"dead-branch", 43, 47, ""}}},
      {"EN10MB",
       "port 80 and (udp port 53 or 54 and not vlan or arp)",
       {{"moved-headers", 47, 50, "port 80 and (arp or (udp port 53 or 54 and not vlan))"}}},
      {"EN10MB",
       "not host 1.1.1.1 and 2.2.2.2",
       {{"partial-not", 0, 28, "not (host 1.1.1.1 or 2.2.2.2)"}}},
      {"EN10MB",
       "! host 1.1.1.1 && 2.2.2.2",
       {{"partial-not", 0, 25, "not (host 1.1.1.1 or 2.2.2.2)"}}},
      {"EN10MB",
       "not port 80 or 443 or 22",
       {{"partial-not", 0, 24, "not (port 80 or 443 or 22)"}}},
      {"EN10MB", "not port 80 or 443 and 22", {{"partial-not", 0, 25, ""}}},
      {"EN10MB",
       "host 1.1.1.1 and not port 80 and 443 and tcp",
       {{"partial-not", 17, 36, "host 1.1.1.1 and not (port 80 or 443) and tcp"}}},
      {"EN10MB",
       "not src host 1.1.1.1 and 2.2.2.2",
       {{"partial-not", 0, 32, "not (src host 1.1.1.1 or 2.2.2.2)"}}},
      {"EN10MB", "port (not 80 and 443)", {{"partial-not", 6, 20, ""}}},
      {"EN10MB",
       "port 1 and not 2 or 3",
       {{"partial-not", 11, 21, "port 1 and not (port 2 or 3)"}}},
      {"EN10MB",
       "arp or (not net 10.0.0.0/8 and 192.168.0.0/16)",
       {{"partial-not", 8, 45, "arp or (not (net 10.0.0.0/8 or 192.168.0.0/16))"}}},
      {"EN10MB",
       "tcp[tcpflags] & tcp-syn != 0",
       {{"ipv4-only", 0, 28,
         "(tcp[tcpflags] & tcp-syn != 0 or (ip6[6] = 6 and ip6[40 + tcpflags] & tcp-syn != 0))"}}},
      {"EN10MB",
       "tcp port 80 and tcp[13] = 2",
       {{"ipv4-only", 16, 27, "tcp port 80 and (tcp[13] = 2 or (ip6[6] = 6 and ip6[53] = 2))"}}},
      {"EN10MB",
       "not udp[4:2] > 100",
       {{"ipv4-only", 4, 18, "not (udp[4:2] > 100 or (ip6[6] = 17 and ip6[44:2] > 100))"}}},
      {"EN10MB",
       "tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420",
       {{"ipv4-only", 0, 45,
         "(tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420 or (ip6[6] = 6 and ip6[40 + ((ip6[52:1] & "
         "0xf0) >> 2):4] = 0x47455420))"}}},
      {"EN10MB",
       "udp[len - 4:2] = 5",
       {{"ipv4-only", 0, 18,
         "(udp[len - 4:2] = 5 or (ip6[6] = 17 and ip6[40 + (len - 4):2] = 5))"}}},
      {"EN10MB",
       "sctp[(12)] = 0 and sctp",
       {{"ipv4-only", 0, 14,
         "(sctp[(12)] = 0 or (ip6[6] = 132 and ip6[40 + (12)] = 0)) and sctp"}}},
      {"EN10MB",
       "tcp[0:2] = 5 and tcp[2:2] = 6",
       {{"ipv4-only", 0, 12,
         "(tcp[0:2] = 5 or (ip6[6] = 6 and ip6[40:2] = 5)) and (tcp[2:2] = 6 or (ip6[6] = 6 and "
         "ip6[42:2] = 6))"}}},
      {"EN10MB", "not tcp[0] = udp[0]", {{"ipv4-only", 4, 19, ""}}},
      {"EN10MB",
       "vlan and tcp[0] = 1",
       {{"ipv4-only", 9, 19, "vlan and (tcp[0] = 1 or (ip6[6] = 6 and ip6[40] = 1))"}}},
      {"EN10MB",
       "ip or tcp[0] = 1",
       {{"ipv4-only", 6, 16, "ip or (tcp[0] = 1 or (ip6[6] = 6 and ip6[40] = 1))"}}},
      {"EN10MB",
       "ip and arp or tcp[0] = 1 or icmp",
       {{"ipv4-only", 14, 24, "ip and arp or (tcp[0] = 1 or (ip6[6] = 6 and ip6[40] = 1)) or icmp"},
        {"dead-branch", 0, 10, "ip or arp or tcp[0] = 1 or icmp"}}},
      {"EN10MB", "ip and ip6 or arp", {{"dead-branch", 0, 10, "ip or ip6 or arp"}}},
      {"EN10MB", "(ip and ip6) or arp", {{"dead-branch", 0, 12, "(ip or ip6) or arp"}}},
      {"EN10MB", "arp or (ip and ip6)", {{"dead-branch", 7, 19, "arp or (ip or ip6)"}}},
      {"EN10MB", "tcp and (udp or port 80)", {{"dead-branch", 9, 12, "tcp and (port 80)"}}},
      {"EN10MB", "(udp or port 80) and tcp", {{"dead-branch", 1, 4, "(port 80) and tcp"}}},
      {"EN10MB", "not (tcp and udp)", {{"dead-branch", 5, 16, "not (tcp or udp)"}}},
      {"EN10MB", "arp or (tcp and (udp or icmp))", {{"dead-branch", 7, 30, "arp"}}},
      {"EN10MB",
       "arp and ip6 or host 1.2.3.4",
       {{"dead-branch", 0, 11, "arp or ip6 or host 1.2.3.4"}}},
      {"EN10MB", "(arp or host 1.2.3.4) and ip6 or icmp", {{"dead-branch", 0, 29, "icmp"}}},
      {"EN10MB",
       "src host 1.2.3.4 and 5.6.7.8 or arp",
       {{"dead-branch", 0, 28, "src host 1.2.3.4 or src host 5.6.7.8 or arp"}}},
      {"EN10MB", "len < 0 or tcp", {{"dead-branch", 0, 7, "tcp"}}},
      {"EN10MB",
       "ip[0] = 256 or ip6[0] > 300 or tcp",
       {{"dead-branch", 0, 11, "ip6[0] > 300 or tcp"},
        {"dead-branch", 15, 27, "ip[0] = 256 or tcp"}}},
      {"EN10MB",
       "tcp port 80 and udp port 53 or host 1.2.3.4",
       {{"dead-branch", 0, 27, "tcp port 80 or udp port 53 or host 1.2.3.4"}}},
      {"EN10MB",
       "port 80 and (tcp or (arp and host 1.2.3.4) or udp)",
       {{"dead-branch", 20, 42, "port 80 and (tcp or udp)"}}},
      {"RAW", "icmp or arp", {{"dead-branch", 8, 11, "icmp"}}},
      {"IPV4", "icmp or ip6", {{"dead-branch", 8, 11, "icmp"}}},
      {"IPV6",
       "port 22 or (src host 1.2.3.4 and 5.6.7.8) or 23",
       {{"dead-branch", 11, 41, "port 22 or port 23"}}},
      {"IPV6",
       "(port 80 and host 1.2.3.4) or port 53 or 54",
       {{"dead-branch", 0, 26, "port 53 or 54"}}},
      {"EN10MB", "len < 0", {{"never-matches", 0, 7, ""}}},
      {"EN10MB", "port 53", {{"fragments", 0, 7, "(port 53 or ip[6:2] & 0x1fff != 0)"}}},
      {"EN10MB",
       "port 80 or 443 or icmp",
       {{"fragments", 0, 14, "(port 80 or 443 or ip[6:2] & 0x1fff != 0) or icmp"}}},
      {"EN10MB",
       "tcp port (80 or 443)",
       {{"fragments", 0, 20, "(tcp port (80 or 443) or (ip proto 6 and ip[6:2] & 0x1fff != 0))"}}},
      {"EN10MB",
       "host 1.2.3.4 and udp portrange 1-9",
       {{"fragments", 17, 34,
         "host 1.2.3.4 and (udp portrange 1-9 or (ip proto 17 and ip[6:2] & 0x1fff != 0))"}}},
      {"EN10MB",
       "host 1.2.3.4 and port 80 or 443",
       {{"fragments", 17, 24, "host 1.2.3.4 and (port 80 or ip[6:2] & 0x1fff != 0) or port 443"}}},
      {"EN10MB",
       "not sctp src port 5",
       {{"fragments", 4, 19, "not (sctp src port 5 or (ip proto 132 and ip[6:2] & 0x1fff != 0))"}}},
      {"EN10MB", "arp or (tcp and vlan)", {{"dead-branch", 7, 21, "arp or (vlan and tcp)"}}},
  };
}

struct Quiet {
  const char* link_type;
  const char* text;
};

// With every kind on but `fragments`.
constexpr Quiet kQuiet[] = {
    {"EN10MB", ""},
    {"EN10MB", "tcp"},
    {"EN10MB", "vlan"},
    {"EN10MB", "vlan and tcp port 80"},
    {"EN10MB", "vlan 100 and (tcp or udp)"},
    {"EN10MB", "vlan and vlan and ip"},
    {"EN10MB", "vlan and not tcp"},
    {"EN10MB", "vlan and not (tcp or udp)"},
    {"EN10MB", "not (not vlan or tcp)"},
    {"EN10MB", "(vlan and tcp) and host 1.2.3.4"},
    {"EN10MB", "tcp or vlan"},
    {"EN10MB", "tcp or (vlan and tcp)"},
    {"EN10MB", "tcp port 80 or (vlan and tcp port 80)"},
    {"EN10MB", "tcp or (vlan and (tcp or (vlan and tcp)))"},
    {"EN10MB", "vlan or len > 100"},
    {"EN10MB", "vlan or less 100"},
    {"EN10MB", "vlan or ether host 1:2:3:4:5:6"},
    {"EN10MB", "vlan or ether[0] & 1 = 1"},
    {"EN10MB", "vlan or ether multicast"},
    {"EN10MB", "vlan or broadcast"},
    {"EN10MB", "vlan or byte 0 = 1"},
    {"EN10MB", "mpls 1 and mpls 2 and host 1.2.3.4"},
    {"EN10MB", "pppoed or tcp"},
    {"EN10MB", "pppoes and ip"},
    {"EN10MB", "geneve and tcp"},
    {"EN10MB", "vxlan 5 and ether host 1:2:3:4:5:6"},
    {"EN10MB", "ether proto 0x8100 or tcp"},
    {"EN10MB", "not host 1.1.1.1"},
    {"EN10MB", "not host 1.1.1.1 and not 2.2.2.2"},
    {"EN10MB", "not host 1.1.1.1 and host 2.2.2.2"},
    {"EN10MB", "not (host 1.1.1.1 or 2.2.2.2)"},
    {"EN10MB", "not host (1.1.1.1 or 2.2.2.2)"},
    {"EN10MB", "not src host 1.1.1.1 and dst host 2.2.2.2"},
    {"EN10MB", "not port 80 and tcp"},
    {"EN10MB", "host 1.1.1.1 and not 2.2.2.2"},
    {"EN10MB", "host 1.1.1.1 or 2.2.2.2 and not 3.3.3.3"},
    {"EN10MB", "port 80 or 443 or 22"},
    {"EN10MB", "ip and tcp[13] = 2"},
    {"EN10MB", "ip and not tcp[13] = 2"},
    {"EN10MB", "tcp[13] = 2 and ip"},
    {"EN10MB", "tcp[13] = 2 and host 1.2.3.4"},
    {"EN10MB", "net 10.0.0.0/8 and (udp[8] = 1 or tcp[0] = 1)"},
    {"EN10MB", "net 10 and tcp[0] = 1"},
    {"EN10MB", "ip host 1.2.3.4 and tcp[0] = 1"},
    {"EN10MB", "ether proto \\ip and tcp[0] = 1"},
    {"EN10MB", "ip[9] = 6 and tcp[0] = 1"},
    {"EN10MB", "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)"},
    {"EN10MB", "tcp[13] & 2 != 0 or (ip6[6] = 6 and ip6[53] & 2 != 0)"},
    {"EN10MB", "icmp[0] = 8"},
    {"EN10MB", "icmp6 and ip6[40] = 128"},
    {"EN10MB", "ip[0] = 0x45"},
    {"IPV4", "tcp[13] = 2"},
    {"EN10MB", "tcp and not udp"},
    {"EN10MB", "ip and not arp"},
    {"EN10MB", "tcp or tcp port 80"},
    {"EN10MB", "less 10 or greater 20"},
    {"EN10MB", "host 1.2.3.4 and host 5.6.7.8"},
    {"EN10MB", "tcp port 80 and tcp port 443"},
    {"EN10MB", "host 1.2.3.4 and 5.6.7.8 or arp"},
    {"EN10MB", "(tcp or udp) and port 53"},
    {"EN10MB", "(ip or arp) and host 1.2.3.4"},
    {"EN10MB", "icmp or arp"},
    {"RAW", "icmp or ip6"},
    {"RAW", "host 1.2.3.4 or port 80"},
    {"RAW", "not arp"},
    {"EN10MB", "tcp port 80 and (host 1.2.3.4 or 5.6.7.8 or fe80::1)"},
    {"EN10MB", "ip multicast or ip6 multicast"},
    {"EN10MB", "ip protochain 6 or arp"},
    {"NULL", "ip or ip6"},
    {"LINUX_SLL", "tcp and inbound"},
};

CompileOptions options_for(const char* link_type, WarningSet warnings) {
  static const TableNameResolver kNames = testing::known_names();
  CompileOptions options;
  options.link_type = find_link_type(link_type);
  options.resolver = &kNames;
  options.warnings = warnings;
  return options;
}

WarningSet all() { return warnings_up_to(WarningLevel::kOnRequest); }

WarningSet all_but_fragments() { return all().without({DiagnosticCode::kWarnFragments}); }

std::string to_text(std::string_view name, std::uint32_t begin, std::uint32_t end,
                    std::string_view hint) {
  return std::string(name) + " " + std::to_string(begin) + "-" + std::to_string(end) + " " +
         std::string(hint) + "\n";
}

TEST(Warning, SaysWhatAndWhereAndWhatInstead) {
  for (const Row& row : rows()) {
    const bool fragments = std::any_of(row.warnings.begin(), row.warnings.end(),
                                       [](const auto& w) { return w.name == "fragments"; });
    const auto compiled =
        compile(row.text, options_for(row.link_type, fragments ? all() : all_but_fragments()));
    ASSERT_TRUE(compiled) << row.text << ": " << compiled.error().message;
    std::string expected;
    std::string actual;
    for (const Warning& warning : row.warnings) {
      expected += to_text(warning.name, warning.begin, warning.end, warning.hint);
    }
    for (const Diagnostic& warning : compiled->warnings) {
      actual += to_text(name(warning.code), warning.range.begin, warning.range.end, warning.hint);
    }
    EXPECT_EQ(actual, expected) << row.link_type << ": " << row.text;
  }
}

TEST(Warning, IsSilentWhereNothingSurprises) {
  for (const Quiet& quiet : kQuiet) {
    const auto compiled = compile(quiet.text, options_for(quiet.link_type, all_but_fragments()));
    ASSERT_TRUE(compiled) << quiet.text << ": " << compiled.error().message;
    for (const Diagnostic& warning : compiled->warnings) {
      ADD_FAILURE() << quiet.link_type << ": " << render(warning, quiet.text, "filter", "warning");
    }
  }
}

TEST(Warning, OfEveryKindHasARow) {
  const std::vector<Row> table = rows();
  for (const WarningKind& kind : warning_kinds()) {
    EXPECT_EQ(find_warning(name(kind.code)), &kind);
    EXPECT_FALSE(kind.about.empty());
    // Takes a filter too long for a row; error_test.cc has it.
    if (kind.code == DiagnosticCode::kWarnProgramTooLong) continue;
    EXPECT_TRUE(std::any_of(table.begin(), table.end(), [&](const Row& row) {
      return std::any_of(row.warnings.begin(), row.warnings.end(),
                         [&](const Warning& w) { return w.name == name(kind.code); });
    })) << name(kind.code);
  }
  EXPECT_EQ(find_warning("nonsense"), nullptr);
  EXPECT_EQ(find_warning("unknown-name"), nullptr) << "an error";
}

TEST(Warning, LevelsInclude) {
  const WarningSet always = warnings_up_to(WarningLevel::kAlways);
  const WarningSet usual = warnings_up_to(WarningLevel::kUsual);
  EXPECT_EQ(always, kFreeWarnings);
  EXPECT_TRUE(always.without(usual).empty());
  EXPECT_TRUE(usual.without(all()).empty());
  EXPECT_FALSE(usual.has(DiagnosticCode::kWarnFragments));
}

TEST(Warning, ComesOnlyIfAskedFor) {
  for (const Row& row : rows()) {
    for (const WarningKind& kind : warning_kinds()) {
      const auto compiled = compile(row.text, options_for(row.link_type, {kind.code}));
      ASSERT_TRUE(compiled);
      for (const Diagnostic& warning : compiled->warnings) EXPECT_EQ(warning.code, kind.code);
    }
    const auto silent = compile(row.text, options_for(row.link_type, {}));
    ASSERT_TRUE(silent);
    EXPECT_TRUE(silent->warnings.empty()) << row.text;
  }
}

TEST(Warning, HintsCompileAndMatchSomething) {
  for (const Row& row : rows()) {
    for (const Warning& warning : row.warnings) {
      if (warning.hint.empty()) continue;
      const auto compiled = compile(warning.hint, options_for(row.link_type, kFreeWarnings));
      ASSERT_TRUE(compiled) << warning.hint << ": " << compiled.error().message;
      EXPECT_TRUE(compiled->warnings.empty()) << warning.hint;
    }
  }
}

TEST(Warning, IsTheSameWithoutOptimization) {
  for (const Row& row : rows()) {
    CompileOptions options = options_for(row.link_type, all().without(kFreeWarnings));
    const auto optimized = compile(row.text, options);
    options.optimize = false;
    const auto plain = compile(row.text, options);
    ASSERT_TRUE(optimized && plain);
    EXPECT_EQ(plain->warnings, optimized->warnings) << row.text;
  }
}

void expect_same_program(std::string_view text, CompileOptions options) {
  options.warnings = {};
  const auto silent = compile(text, options);
  options.warnings = all();
  const auto warned = compile(text, options);
  ASSERT_EQ(silent.has_value(), warned.has_value()) << text;
  if (silent) {
    EXPECT_EQ(silent->program, warned->program) << text;
    for (const Diagnostic& warning : warned->warnings) {
      EXPECT_FALSE(warning.message.empty()) << text;
      EXPECT_EQ(warning.message.find_first_of("\n\r"), std::string::npos) << text;
      EXPECT_LE(warning.range.begin, warning.range.end) << text;
      EXPECT_LE(warning.range.end, text.size()) << text;
      if (!warning.hint.empty()) {
        EXPECT_TRUE(compile(warning.hint, options)) << text << " => " << warning.hint;
      }
    }
  } else {
    EXPECT_EQ(silent.error(), warned.error()) << text;
  }
}

TEST(Warning, ChangesNoProgram) {
  std::ifstream file(BPFC_SOURCE_DIR "/tests/data/expressions.txt");
  int count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    expect_same_program(line, options_for("EN10MB", {}));
    expect_same_program(line, options_for("RAW", {}));
  }
  EXPECT_GT(count, 100);
}

TEST(Warning, ChangesNoRandomProgram) {
  testing::RandomFilter random(testing::test_seed());
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = random.text();
    const CompileOptions options = random.options();
    expect_same_program(text, options);
    ASSERT_FALSE(HasFailure()) << "case " << i << ", " << options.link_type->name << ": " << text;
  }
}

// Counts what it is asked.
class CountingNames final : public NameResolver {
 public:
  Expected<HostAddresses, NameError> host(std::string_view name) const override {
    ++asked[std::string(name)];
    return table_.host(name);
  }
  Expected<EthernetAddress, NameError> ether(std::string_view name) const override {
    return table_.ether(name);
  }
  Expected<std::uint32_t, NameError> network(std::string_view name) const override {
    return table_.network(name);
  }
  Expected<ServicePorts, NameError> port(std::string_view name) const override {
    return table_.port(name);
  }
  Expected<std::uint32_t, NameError> protocol(std::string_view name) const override {
    return table_.protocol(name);
  }

  mutable std::map<std::string, int> asked;

 private:
  static NameTable table() {
    NameTable names;
    names.hosts = {{"one", {{0x01020304}, {}}}, {"two", {{0x05060708}, {}}}};
    return names;
  }
  TableNameResolver table_{table()};
};

TEST(Warning, AsksForANameOnce) {
  const CountingNames names;
  CompileOptions options = options_for("EN10MB", all());
  options.resolver = &names;
  const auto compiled = compile("not host one and two or tcp and (udp or host one)", options);
  ASSERT_TRUE(compiled);
  EXPECT_FALSE(compiled->warnings.empty());
  EXPECT_THAT(names.asked, ::testing::ElementsAre(::testing::Pair("one", 1),  //
                                                  ::testing::Pair("two", 1)));
}

TEST(Warning, AreFewWhateverTheFilter) {
  std::string text = "tcp";
  for (int i = 0; i < 40; ++i) text += " or not port 80 or 443 or (vlan or tcp[0] = 1)";
  CompileOptions options = options_for("EN10MB", all());
  const auto compiled = compile(text, options);
  ASSERT_TRUE(compiled) << compiled.error().message;
  std::map<DiagnosticCode, int> counts;
  for (const Diagnostic& warning : compiled->warnings) ++counts[warning.code];
  EXPECT_EQ(counts[DiagnosticCode::kWarnPartialNot], 8);
  EXPECT_EQ(counts[DiagnosticCode::kWarnMovedHeaders], 8);
  EXPECT_EQ(counts[DiagnosticCode::kWarnIpv4Only], 1);
  EXPECT_EQ(counts[DiagnosticCode::kWarnFragments], 1);
}

TEST(Warning, OfDeepFiltersNeedsNoStack) {
  const std::string open(6'000, '(');
  std::string text;
  for (int i = 0; i < 6'000; ++i) text += "not (";
  text += "vlan or tcp[0] = 1 or port 80 or (ip and ip6)" + std::string(6'000, ')');
  const auto compiled = compile(text, options_for("EN10MB", all()));
  ASSERT_TRUE(compiled) << compiled.error().message;
}

// One `vlan` among tests that may hold or not: what is tested to its right, in some packet,
// although the tag was not found.
class RandomShape {
 public:
  explicit RandomShape(std::uint64_t seed) : random_(seed) {}

  // With `leaves` leaves, the one at `vlan` being that.
  void build(int leaves, int vlan) {
    text_.clear();
    next_ = 0;
    vlan_ = vlan;
    root_ = add(leaves, 0);
  }
  const std::string& text() const { return text_; }

  bool reaches_right_without_tag(int leaves) {
    for (std::uint32_t values = 0; values < 1U << static_cast<unsigned>(leaves); ++values) {
      tag_ = false;
      reached_ = false;
      (void)evaluate(root_, values);
      if (reached_) return true;
    }
    return false;
  }

 private:
  struct Node {
    int leaf = -1;
    bool negated = false;
    std::vector<Node> operands = {};
    std::vector<bool> is_and = {};
  };

  Node add(int leaves, int depth) {
    Node node;
    node.negated = random_() % 4 == 0;
    if (node.negated) text_ += "not ";
    if (leaves == 1) {
      text_ += next_ == vlan_ ? "vlan" : "tcp";
      node.leaf = next_++;
      return node;
    }
    const bool parenthesized = node.negated || depth > 0;
    if (parenthesized) text_ += "(";
    for (int left = leaves; left > 0;) {
      const bool first = left == leaves;
      node.is_and.push_back(random_() % 2 == 0);
      if (!first) text_ += node.is_and.back() ? " and " : " or ";
      const int most = first ? left - 1 : left;
      const int some = 1 + static_cast<int>(random_() % static_cast<unsigned>(most));
      node.operands.push_back(add(some, depth + 1));
      left -= some;
    }
    if (parenthesized) text_ += ")";
    return node;
  }

  bool evaluate(const Node& node, std::uint32_t values) {
    bool value = false;
    if (node.leaf >= 0) {
      value = (values >> static_cast<unsigned>(node.leaf) & 1U) != 0;
      if (node.leaf == vlan_) tag_ = value;
      if (node.leaf > vlan_ && !tag_) reached_ = true;
    }
    for (std::size_t k = 0; k < node.operands.size(); ++k) {
      if (k == 0 || value == node.is_and[k]) value = evaluate(node.operands[k], values);
    }
    return value != node.negated;
  }

  std::mt19937_64 random_;
  std::string text_;
  int next_ = 0;
  int vlan_ = 0;
  Node root_;
  bool tag_ = false;
  bool reached_ = false;
};

TEST(MovedHeaders, IsWhatSomeCourseOfTheTestsShows) {
  RandomShape shape(testing::test_seed());
  std::mt19937 random(1);
  int warned = 0;
  for (int i = 0; i < 3'000; ++i) {
    const int leaves = 2 + static_cast<int>(random() % 5);
    shape.build(leaves, static_cast<int>(random() % static_cast<unsigned>(leaves)));
    CompileOptions options = options_for("EN10MB", {DiagnosticCode::kWarnMovedHeaders});
    options.optimize = false;
    const auto compiled = compile(shape.text(), options);
    ASSERT_TRUE(compiled) << shape.text();
    ASSERT_EQ(!compiled->warnings.empty(), shape.reaches_right_without_tag(leaves)) << shape.text();
    if (compiled->warnings.empty()) continue;
    ++warned;
    if (compiled->warnings[0].hint.empty()) continue;
    const auto hint = compile(compiled->warnings[0].hint, options);
    ASSERT_TRUE(hint && hint->warnings.empty()) << shape.text();
  }
  EXPECT_GT(warned, 300);
}

}  // namespace
}  // namespace bpfc
