// What must hold of the warnings of any filter. BPFC_TEST_SEED of the environment chooses the
// cases.
#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "bpfc/interpreter.h"
#include "tests/compiler/random_filter.h"
#include "tests/compiler/warning_table.h"
#include "tests/vm/program_generator.h"

namespace bpfc {
namespace {

using testing::all_warnings;
using testing::options_for;

void expect_same_program(std::string_view text, CompileOptions options) {
  options.warnings = {};
  const auto silent = compile(text, options);
  options.warnings = all_warnings();
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
    options.optimization = Optimization::kNone;
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

// Tests that exclude each other often.
std::string random_expression(std::mt19937_64& random, int leaves) {
  constexpr std::array kLeaves = {"ip",
                                  "ip6",
                                  "arp",
                                  "tcp",
                                  "udp",
                                  "icmp",
                                  "tcp port 80",
                                  "port 53",
                                  "src host 1.0.0.1",
                                  "host 1.0.0.2",
                                  "ip[9] = 17",
                                  "tcp[0:2] = 80",
                                  "len > 50",
                                  "ip proto 6",
                                  "dst port 80",
                                  "ip[0] > 255",
                                  "udp[2:2] = 53",
                                  "ip6[6] = 6",
                                  "net 1.0.0.0/8",
                                  "ether[12:2] = 0x800"};
  const std::string prefix = random() % 5 == 0 ? "not " : "";
  if (leaves == 1) return prefix + kLeaves[random() % kLeaves.size()];
  std::string text;
  for (int left = leaves; left > 0;) {
    const int most = left == leaves ? left - 1 : left;
    const int some = 1 + static_cast<int>(random() % static_cast<unsigned>(most));
    if (left < leaves) text += random() % 3 == 0 ? " or " : " and ";
    text += random_expression(random, some);
    left -= some;
  }
  return prefix + "(" + text + ")";
}

// A packet in which they all have something to find, long enough for each.
std::array<std::uint8_t, 100> random_packet(std::mt19937_64& random) {
  constexpr std::array<std::uint16_t, 3> kTypes = {0x0800, 0x86dd, 0x0806};
  constexpr std::array<std::uint8_t, 3> kProtocols = {6, 17, 1};
  constexpr std::array<std::uint8_t, 3> kPorts = {80, 53, 9};
  std::array<std::uint8_t, 100> packet{};
  const std::uint16_t type = kTypes[random() % kTypes.size()];
  packet[12] = static_cast<std::uint8_t>(type >> 8U);
  packet[13] = static_cast<std::uint8_t>(type);
  const std::uint8_t protocol = kProtocols[random() % kProtocols.size()];
  const bool ip6 = type == 0x86dd;
  packet[14] = ip6 ? 0x60 : 0x45;
  packet[ip6 ? 20 : 23] = protocol;
  for (const std::size_t address : {26U, 30U}) {
    if (ip6) break;
    packet[address] = 1;
    packet[address + 3] = static_cast<std::uint8_t>(random() % 3);
  }
  const std::size_t ports = ip6 ? 54 : 34;
  packet[ports + 1] = kPorts[random() % kPorts.size()];
  packet[ports + 3] = kPorts[random() % kPorts.size()];
  return packet;
}

TEST(DeadBranch, MayAsWellBeFalse) {
  std::mt19937_64 random(testing::test_seed());
  const CompileOptions options = options_for("EN10MB", {DiagnosticCode::kWarnDeadBranch});
  const auto program_of = [&](const std::string& text) {
    CompileOptions plain = options;
    plain.optimization = Optimization::kNone;
    const auto compiled = compile(text, plain);
    EXPECT_TRUE(compiled) << text << ": " << compiled.error().message;
    return *verify(compiled->program, Rules::kKernel);
  };
  int warned = 0;
  for (int i = 0; i < 2'000; ++i) {
    const std::string text = random_expression(random, 2 + static_cast<int>(random() % 6));
    const auto compiled = compile(text, options);
    if (!compiled) continue;
    for (const Diagnostic& warning : compiled->warnings) {
      ++warned;
      std::string without = text;
      without.replace(warning.range.begin, warning.range.end - warning.range.begin, "(0 = 1)");
      const VerifiedProgram whole = program_of(text);
      const VerifiedProgram rest = program_of(without);
      for (int k = 0; k < 100; ++k) {
        const auto bytes = random_packet(random);
        const Packet packet{.captured = bytes, .wire_length = 100};
        ASSERT_EQ(interpret(whole, packet), interpret(rest, packet)) << text << "\n" << without;
      }
    }
  }
  EXPECT_GT(warned, 300);
}

}  // namespace
}  // namespace bpfc
