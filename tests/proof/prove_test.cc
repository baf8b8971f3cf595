// Tables of what is proved and what is refuted.
#include "bpfc/prove.h"

#include <gtest/gtest.h>

#include <chrono>

#include "bpfc/compile.h"
#include "bpfc/listing.h"
#include "tests/proof/test_solver.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

VerifiedProgram filter(const std::string& text, bool optimize = true,
                       Rules rules = Rules::kKernel) {
  CompileOptions options;
  options.optimization = optimize ? Optimization::kDefault : Optimization::kNone;
  const auto compiled = compile(text, options);
  EXPECT_TRUE(compiled) << text;
  return verify(compiled ? compiled->program : Program{{6, 0, 0, 0}}, rules).value();
}

// As bpfc -ddd and xt_bpf have it.
VerifiedProgram program(const std::string& text, Rules rules = Rules::kKernel) {
  const auto parsed = parse_program(text);
  EXPECT_TRUE(parsed) << text;
  const auto verified = verify(parsed ? *parsed : Program{{6, 0, 0, 0}}, rules);
  EXPECT_TRUE(verified) << text;
  return verified ? *verified : verify(Program{{6, 0, 0, 0}}, rules).value();
}

ProofOptions with_solver() {
  ProofOptions options;
  options.solver = testing::test_solver();
  return options;
}

void expect_confirmed(const VerifiedProgram& first, const VerifiedProgram& second,
                      const Proof& proof) {
  ASSERT_TRUE(proof.witness);
  EXPECT_EQ(interpret(first, proof.witness->view()), proof.witness->first);
  EXPECT_EQ(interpret(second, proof.witness->view()), proof.witness->second);
}

struct Pair {
  const char* first;
  const char* second;
  bool equal;
};

TEST(Equivalence, OfFilters) {
  constexpr Pair kPairs[] = {
      {"tcp port 80", "tcp and port 80", true},
      {"port 80", "tcp port 80", false},
      {"not not ip", "ip", true},
      {"ip[0] & 0xf0 = 0x40", "ip[0] >> 4 = 4", true},
      {"ip[0] & 0xf0 = 0x40", "ip[0] >> 4 >= 4", false},
      {"src net 10.0.0.0/8", "src net 10.0.0.0/9 or src net 10.128.0.0/9", true},
      {"src net 10.0.0.0/8", "src net 10.0.0.0/9 or src net 10.128.0.0/10", false},
      {"src portrange 10-20", "src port 10 or src portrange 11-20", true},
      // A packet that ends between source and destination tells these apart.
      {"portrange 10-20", "port 10 or portrange 11-20", false},
      {"ether[0] / 3 = 7", "ether[0] >= 21 and ether[0] < 24", true},
      {"ether[0] % 10 = 7", "ether[0] - ether[0] / 10 * 10 = 7", true},
      {"ether[0:2] = 0x1234", "ether[0] = 0x12 and ether[1] = 0x34", true},
      // A packet of one byte tells these apart.
      {"not ether[0:2] = 0x1234", "not (ether[0] = 0x12 and ether[1] = 0x34)", false},
      // Nothing but a truncated packet does these.
      {"ether[1000] * 0 = 0", "len >= 0", false},
      {"ip src 1.2.3.4 or ip dst 1.2.3.4", "ip dst 1.2.3.4 or ip src 1.2.3.4", false},
      {"len <= 100", "len < 101", true},
      {"less 100", "greater 100", false},
  };
  for (const Pair& pair : kPairs) {
    SCOPED_TRACE(std::string(pair.first) + " | " + pair.second);
    const auto first = filter(pair.first);
    const auto second = filter(pair.second, false);
    // By diagrams, and by the solver.
    for (const bool diagrams : {true, false}) {
      ProofOptions options = diagrams ? ProofOptions{} : with_solver();
      if (!diagrams && options.solver == nullptr) continue;
      options.diagrams = diagrams;
      const auto proof = equivalence(first, second, options);
      ASSERT_TRUE(proof) << proof.error().message;
      EXPECT_EQ(proof->answer, pair.equal ? Answer::kYes : Answer::kNo) << proof->reason;
      if (!pair.equal) expect_confirmed(first, second, *proof);
    }
  }
}

// What diagrams give up.
TEST(Equivalence, WithTheSolver) {
  if (testing::test_solver() == nullptr) GTEST_SKIP() << "the solver is not built (libz3-dev)";
  constexpr Pair kPairs[] = {
      {"ip[12:4] = ip[16:4]", "ip[12:4] - ip[16:4] = 0", true},
      {"ether[ether[10:2]] = 7", "ether[256 * ether[10] + ether[11]] = 7", true},
      {"ether[ether[10:2]] = 7", "ether[ether[10:2]] & 0xfe = 6", false},
  };
  for (const Pair& pair : kPairs) {
    SCOPED_TRACE(std::string(pair.first) + " | " + pair.second);
    const auto first = filter(pair.first);
    const auto second = filter(pair.second);
    const auto proof = equivalence(first, second, with_solver());
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_EQ(proof->answer, pair.equal ? Answer::kYes : Answer::kNo) << proof->reason;
    if (!pair.equal) expect_confirmed(first, second, *proof);
  }
}

struct ProgramPair {
  const char* about;
  const char* first;
  const char* second;
  Rules rules;
  bool equal;
};

TEST(Equivalence, OfPrograms) {
  const ProgramPair pairs[] = {
      {"division by zero returns 0", "5,128 0 0 0,84 0 0 3,7 0 0 0,60 0 0 0,22 0 0 0",
       "5,128 0 0 0,84 0 0 3,21 0 1 0,6 0 0 0,6 0 0 1", Rules::kKernel, true},
      {"the kernel shifts by the distance modulo 32", "4,1 0 0 33,0 0 0 1,108 0 0 0,22 0 0 0",
       "1,6 0 0 2", Rules::kKernel, true},
      {"libpcap shifts everything out", "4,1 0 0 33,0 0 0 1,108 0 0 0,22 0 0 0", "1,6 0 0 0",
       Rules::kLibpcap, true},
      {"the kernel's offsets wrap", "3,1 0 0 4294967295,80 0 0 1,6 0 0 7", "2,48 0 0 0,6 0 0 7",
       Rules::kKernel, true},
      {"libpcap's do not", "3,1 0 0 4294967295,80 0 0 1,6 0 0 7", "1,6 0 0 0", Rules::kLibpcap,
       true},
      {"ifindex returns A without a device", "3,0 0 0 5,32 0 0 4294963208,6 0 0 7", "1,6 0 0 7",
       Rules::kKernel, false},
      {"the tag's presence is 0 or 1", "4,32 0 0 4294963248,53 0 1 2,6 0 0 7,6 0 0 0", "1,6 0 0 0",
       Rules::kKernel, true},
      {"alu_xor_x", "4,0 0 0 5,1 0 0 5,32 0 0 4294963240,22 0 0 0", "1,6 0 0 0", Rules::kKernel,
       true},
      {"libpcap knows no mark", "2,48 0 0 4294963220,6 0 0 7", "1,6 0 0 0", Rules::kLibpcap, true},
      {"libpcap knows a tag at times", "2,48 0 0 4294963244,6 0 0 7", "1,6 0 0 7", Rules::kLibpcap,
       false},
  };
  for (const ProgramPair& pair : pairs) {
    SCOPED_TRACE(pair.about);
    const auto first = program(pair.first, pair.rules);
    const auto second = program(pair.second, pair.rules);
    const auto proof = equivalence(first, second, with_solver());
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_EQ(proof->answer, pair.equal ? Answer::kYes : Answer::kNo) << proof->reason;
    if (!pair.equal) expect_confirmed(first, second, *proof);
  }
}

TEST(Equivalence, RelativeToTheNetworkHeader) {
  if (testing::test_solver() == nullptr) GTEST_SKIP() << "the solver is not built (libz3-dev)";
  const auto network = program("2,48 0 0 4293918720,22 0 0 0");
  const auto same = program("3,1 0 0 4293918720,80 0 0 0,22 0 0 0");
  const auto link = program("2,48 0 0 4292870144,22 0 0 0");
  EXPECT_EQ(equivalence(network, same, with_solver())->answer, Answer::kYes);
  const auto proof = equivalence(network, link, with_solver());
  EXPECT_EQ(proof->answer, Answer::kNo);
  expect_confirmed(network, link, *proof);
}

TEST(Equivalence, OfWhatNoPacketIsLongEnoughFor) {
  const auto far = program("2,48 0 0 4293918720,6 0 0 7", Rules::kLibpcap);
  const auto nothing = program("1,6 0 0 0", Rules::kLibpcap);
  EXPECT_EQ(equivalence(far, nothing, with_solver())->answer, Answer::kUnknown);
}

TEST(Equivalence, OfMatchesOrOfBytes) {
  const auto some = program("1,6 0 0 1");
  const auto more = program("1,6 0 0 2");
  ProofOptions options;
  EXPECT_EQ(equivalence(some, more, options)->answer, Answer::kNo);
  options.view = VerdictView::kMatch;
  EXPECT_EQ(equivalence(some, more, options)->answer, Answer::kYes);
}

TEST(Implication, HoldsOrHasAPacket) {
  EXPECT_EQ(implication(filter("tcp port 80"), filter("tcp"))->answer, Answer::kYes);
  const auto tcp = filter("tcp");
  const auto port = filter("tcp port 80");
  const auto proof = implication(tcp, port);
  EXPECT_EQ(proof->answer, Answer::kNo);
  expect_confirmed(tcp, port, *proof);
  EXPECT_NE(proof->witness->first, 0U);
  EXPECT_EQ(proof->witness->second, 0U);
}

TEST(Overlap, IsAPacketOrNothing) {
  const auto host = filter("host 10.0.0.1");
  const auto port = filter("udp port 53");
  const auto proof = overlap(host, port);
  EXPECT_EQ(proof->answer, Answer::kYes);
  expect_confirmed(host, port, *proof);
  EXPECT_EQ(overlap(filter("ip"), filter("arp"))->answer, Answer::kNo);
}

TEST(Satisfaction, FindsTheShortest) {
  const struct {
    const char* text;
    std::size_t length;
  } rows[] = {{"ip", 14}, {"icmp", 24}, {"ether[99] = 1", 100}, {"len >= 0", 0}};
  for (const auto& row : rows) {
    const auto proof = satisfaction(filter(row.text));
    ASSERT_EQ(proof->answer, Answer::kYes) << row.text;
    EXPECT_TRUE(proof->shortest);
    EXPECT_EQ(proof->witness->captured.size(), row.length) << row.text;
    EXPECT_EQ(proof->witness->wire_length, row.length) << row.text;
  }
  EXPECT_EQ(satisfaction(filter("ether[0] > 100 and ether[0] < 50"))->answer, Answer::kNo);
}

TEST(Witness, IsLikelyWherePossible) {
  ProofOptions options;
  options.likely = {{{12, 0x08}, {13, 0x00}, {14, 0x45}}, {{12, 0x86}, {13, 0xdd}, {14, 0x60}}};
  const auto ip4 = equivalence(filter("udp port 53"), filter("port 53"), options);
  EXPECT_EQ(ip4->witness->captured[14], 0x45);
  const auto ip6 = equivalence(filter("ip6 and udp port 53"), filter("ip6 and port 53"), options);
  EXPECT_EQ(ip6->witness->captured[12], 0x86);
  EXPECT_EQ(ip6->witness->captured[14], 0x60);
}

TEST(Equivalence, OfWhatCannotBeCompared) {
  const auto kernel = program("1,6 0 0 1");
  const auto loop = program("4,0 0 0 1,21 0 1 2,5 0 0 4294967293,6 0 0 1", Rules::kLibpcap);
  const auto proof = equivalence(kernel, loop);
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, ProofFailure::kDifferentRules);
  const auto looping = equivalence(loop, loop);
  ASSERT_FALSE(looping);
  EXPECT_EQ(looping.error().code, ProofFailure::kBackwardJump);
}

TEST(Timeout, EndsTheSearch) {
  const auto first = filter("ether[0:4] * ether[4:4] * ether[8:4] % ether[12:4] = 12345");
  const auto second = filter("ether[8:4] * ether[4:4] * ether[0:4] % ether[12:4] = 12345");
  ProofOptions options = with_solver();
  options.timeout = std::chrono::milliseconds(300);
  const auto start = std::chrono::steady_clock::now();
  const auto proof = equivalence(first, second, options);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->reason.empty(), proof->answer != Answer::kUnknown);
  options.timeout = std::chrono::milliseconds(0);
  EXPECT_EQ(equivalence(first, second, options)->answer, Answer::kUnknown);
}

}  // namespace
}  // namespace bpfc
