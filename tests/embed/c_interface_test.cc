#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bpfc/bpfc.h"

namespace {

using testing::HasSubstr;

struct Free {
  void operator()(bpfc_program* program) const { bpfc_program_free(program); }
  void operator()(bpfc_filter* filter) const { bpfc_filter_free(filter); }
};
using ProgramPointer = std::unique_ptr<bpfc_program, Free>;
using FilterPointer = std::unique_ptr<bpfc_filter, Free>;

ProgramPointer compiled(const char* expression, const bpfc_options* options = nullptr) {
  bpfc_program* program = nullptr;
  bpfc_error error;
  EXPECT_EQ(bpfc_compile(expression, options, &program, &error), BPFC_OK) << error.message;
  return ProgramPointer(program);
}

FilterPointer created(const bpfc_program* program, bpfc_engine engine) {
  bpfc_filter* filter = nullptr;
  bpfc_error error;
  EXPECT_EQ(bpfc_filter_create(program, engine, &filter, &error), BPFC_OK) << error.message;
  return FilterPointer(filter);
}

// Ethernet and IPv4; TCP to the port.
std::vector<uint8_t> tcp_packet(uint8_t port) {
  std::vector<uint8_t> bytes(60);
  bytes[12] = 8;
  bytes[14] = 0x45;
  bytes[23] = 6;
  bytes[37] = port;
  return bytes;
}

std::vector<sock_filter> instructions(const bpfc_program* program) {
  size_t count = 0;
  const sock_filter* first = bpfc_program_instructions(program, &count);
  EXPECT_EQ(bpfc_program_instructions(program, nullptr), first);
  return {first, first + count};
}

TEST(Errors, AreGoneOnceSomethingSucceeds) {
  bpfc_program* program = nullptr;
  bpfc_error error;
  EXPECT_EQ(bpfc_compile("tcp and nosuchthing", nullptr, &program, &error), BPFC_ERROR_EXPRESSION);
  EXPECT_EQ(error.code, BPFC_ERROR_EXPRESSION);
  ASSERT_EQ(bpfc_compile("tcp", nullptr, &program, &error), BPFC_OK);
  EXPECT_EQ(error.code, BPFC_OK);
  EXPECT_STREQ(error.message, "");
  const ProgramPointer owner(program);
}

TEST(Errors, TellOfImpossibleLengths) {
  const sock_filter one = {0x06, 0, 0, 0};
  bpfc_program* program = nullptr;
  bpfc_error error;
  for (const size_t count : {SIZE_MAX, size_t{1} << 32U}) {
    EXPECT_EQ(bpfc_program_from_instructions(&one, count, &program, &error), BPFC_ERROR_PROGRAM);
  }
  bpfc_program_free(nullptr);
  bpfc_filter_free(nullptr);
}

class EngineTest : public testing::TestWithParam<bpfc_engine> {};

TEST_P(EngineTest, RunsOnePacketAndMany) {
  const ProgramPointer program = compiled("tcp port 80");
  const FilterPointer filter = created(program.get(), GetParam());
  if (GetParam() != BPFC_ENGINE_AUTO) {
    EXPECT_EQ(bpfc_filter_engine(filter.get()), GetParam());
  }
  std::vector<std::vector<uint8_t>> bytes;
  std::vector<bpfc_packet> packets;
  for (uint8_t port = 60; port < 100; ++port) bytes.push_back(tcp_packet(port));
  for (const std::vector<uint8_t>& one : bytes) packets.push_back({one.data(), 60, 60});
  packets.push_back({bytes[20].data(), 30, 60});
  packets.push_back({nullptr, 0, 0});
  std::vector<uint32_t> verdicts(packets.size(), 7);
  bpfc_filter_run_batch(filter.get(), packets.data(), packets.size(), verdicts.data());
  for (size_t i = 0; i < packets.size(); ++i) {
    EXPECT_EQ(verdicts[i], i == 20 ? 262144U : 0U) << i;
    EXPECT_EQ(
        bpfc_filter_run(filter.get(), packets[i].data, packets[i].captured, packets[i].length),
        verdicts[i]);
  }
  bpfc_filter_run_batch(filter.get(), nullptr, 0, nullptr);
}

TEST_P(EngineTest, OutlivesItsProgramAndServesManyThreads) {
  ProgramPointer program = compiled("tcp port 80");
  const FilterPointer filter = created(program.get(), GetParam());
  program.reset();
  const std::vector<uint8_t> match = tcp_packet(80);
  std::vector<std::thread> threads;
  std::array<uint32_t, 4> matches{};
  for (uint32_t& own : matches) {
    threads.emplace_back([&match, &filter, &own] {
      for (int i = 0; i < 1000; ++i) {
        own += bpfc_filter_run(filter.get(), match.data(), 60, 60) != 0 ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(matches, testing::Each(1000U));
}

INSTANTIATE_TEST_SUITE_P(All, EngineTest,
                         testing::Values(BPFC_ENGINE_AUTO, BPFC_ENGINE_INTERPRETER,
                                         BPFC_ENGINE_JIT));

TEST(CInterface, OptionsOfZerosAreTheDefaults) {
  const bpfc_options zeros{};
  const std::vector<sock_filter> expected = instructions(compiled("ip").get());
  const std::vector<sock_filter> made = instructions(compiled("ip", &zeros).get());
  ASSERT_EQ(made.size(), 4U);
  ASSERT_EQ(expected.size(), 4U);
  EXPECT_EQ(made[2].k, 262144U);
  EXPECT_EQ(made[0].k, 12U);
}

TEST(CInterface, OptionsSayHow) {
  bpfc_options options{};
  options.snaplen = 96;
  EXPECT_EQ(instructions(compiled("ip", &options).get())[2].k, 96U);
  options = {};
  options.link_type = 12;  // RAW
  EXPECT_EQ(instructions(compiled("ip", &options).get())[0].k, 0U);
  options.link_type = BPFC_LINK_TYPE_NULL;
  EXPECT_EQ(instructions(compiled("ip", &options).get())[0].k, 0U);
  options = {};
  options.netmask = 0xffffff00;
  EXPECT_NE(compiled("ip broadcast", &options), nullptr);
  options = {};
  options.flags = BPFC_NO_OPTIMIZATION;
  EXPECT_GT(instructions(compiled("tcp port 80", &options).get()).size(),
            instructions(compiled("tcp port 80").get()).size());
  options.flags = BPFC_LIVE_SOCKET;
  EXPECT_GE(instructions(compiled("vlan", &options).get())[0].k, 0xfffff000U);
  for (const unsigned flag : {BPFC_OPTIMIZE_SIZE, BPFC_OPTIMIZE_FULL, BPFC_NUMBERS_ONLY}) {
    options.flags = flag;
    EXPECT_NE(compiled("tcp port 80 or 443", &options), nullptr);
  }
}

struct Refused {
  const char* expression;
  bpfc_options options;
  int code;
  uint32_t position;
  uint32_t length;
  const char* kind;
  const char* message;
};

TEST(CInterface, ErrorsSayWhatAndWhere) {
  const Refused kRefused[] = {
      {"host 1.2.3.300", {}, BPFC_ERROR_EXPRESSION, 5, 9, "bad-address", "1.2.3.300"},
      {"len / 0 = 1", {}, BPFC_ERROR_EXPRESSION, 6, 1, "division-by-zero", "division"},
      {"port nonsense",
       {0, 0, 0, BPFC_NUMBERS_ONLY},
       BPFC_ERROR_EXPRESSION,
       5,
       8,
       "unknown-name",
       ""},
      {"ip broadcast", {}, BPFC_ERROR_EXPRESSION, 0, 12, "netmask-unknown", ""},
      {"ip", {99999, 0, 0, 0}, BPFC_ERROR_OPTION, 0, 0, "option", "99999"},
      {"ip", {-2, 0, 0, 0}, BPFC_ERROR_OPTION, 0, 0, "option", "-2"},
      {"ip", {0, 0, 0, 1U << 30U}, BPFC_ERROR_OPTION, 0, 0, "option", "flag"},
      {"ip", {0, 0, 0, 3}, BPFC_ERROR_OPTION, 0, 0, "option", "two levels"},
      {nullptr, {}, BPFC_ERROR_OPTION, 0, 0, "option", "null"},
  };
  for (const Refused& refused : kRefused) {
    bpfc_error error;
    bpfc_program* program = nullptr;
    EXPECT_EQ(bpfc_compile(refused.expression, &refused.options, &program, &error), refused.code);
    EXPECT_EQ(program, nullptr);
    EXPECT_EQ(error.code, refused.code) << error.message;
    EXPECT_EQ(error.position, refused.position) << error.message;
    EXPECT_EQ(error.length, refused.length) << error.message;
    EXPECT_STREQ(error.kind, refused.kind) << error.message;
    EXPECT_THAT(std::string(error.message), HasSubstr(refused.message));
    EXPECT_EQ(bpfc_compile(refused.expression, &refused.options, &program, nullptr), refused.code);
  }
}

TEST(CInterface, LongMessagesAreCutBetweenCharacters) {
  std::string expression = "port ";
  for (int i = 0; i < 200; ++i) expression += "\xc3\xa4";
  bpfc_options options{};
  options.flags = BPFC_NUMBERS_ONLY;
  bpfc_error error;
  bpfc_program* program = nullptr;
  EXPECT_EQ(bpfc_compile(expression.c_str(), &options, &program, &error), BPFC_ERROR_EXPRESSION);
  const std::string message = error.message;
  EXPECT_LT(message.size(), sizeof error.message);
  for (size_t i = 0; i < message.size(); ++i) {
    if (message[i] == '\xc3') {
      ASSERT_LT(i + 1, message.size());
      EXPECT_EQ(message[i + 1], '\xa4');
    }
  }
}

TEST(CInterface, TakesInstructions) {
  const std::vector<sock_filter> ip = instructions(compiled("ip").get());
  bpfc_program* raw = nullptr;
  bpfc_error error;
  ASSERT_EQ(bpfc_program_from_instructions(ip.data(), ip.size(), &raw, &error), BPFC_OK);
  const ProgramPointer program(raw);
  EXPECT_EQ(instructions(program.get()).size(), ip.size());
  const FilterPointer filter = created(program.get(), BPFC_ENGINE_AUTO);
  const std::vector<uint8_t> packet = tcp_packet(1);
  EXPECT_EQ(bpfc_filter_run(filter.get(), packet.data(), 60, 60), 262144U);

  // A jump past the end; nothing at all.
  const sock_filter bad[] = {{0x05, 0, 0, 7}, {0x06, 0, 0, 1}};
  raw = nullptr;
  EXPECT_EQ(bpfc_program_from_instructions(bad, 2, &raw, &error), BPFC_ERROR_PROGRAM);
  EXPECT_EQ(error.position, 0U);
  EXPECT_EQ(bpfc_program_from_instructions(bad, 0, &raw, &error), BPFC_ERROR_PROGRAM);
  EXPECT_EQ(bpfc_program_from_instructions(nullptr, 2, &raw, &error), BPFC_ERROR_OPTION);
  EXPECT_EQ(raw, nullptr);

  // A loop, which only libpcap's rules allow: it ends.
  const sock_filter loop[] = {{0x80, 0, 0, 0}, {0x05, 0, 0, 0xfffffffe}, {0x06, 0, 0, 1}};
  ASSERT_EQ(bpfc_program_from_instructions(loop, 3, &raw, &error), BPFC_OK) << error.message;
  const ProgramPointer endless(raw);
  const FilterPointer run = created(endless.get(), BPFC_ENGINE_AUTO);
  EXPECT_EQ(bpfc_filter_run(run.get(), packet.data(), 60, 60), 0U);
}

TEST(CInterface, RefusesWhatIsNoEngine) {
  const ProgramPointer program = compiled("ip");
  bpfc_filter* filter = nullptr;
  bpfc_error error;
  EXPECT_EQ(bpfc_filter_create(program.get(), static_cast<bpfc_engine>(3), &filter, &error),
            BPFC_ERROR_OPTION);
  EXPECT_EQ(bpfc_filter_create(nullptr, BPFC_ENGINE_AUTO, &filter, &error), BPFC_ERROR_OPTION);
  EXPECT_EQ(bpfc_filter_create(program.get(), BPFC_ENGINE_AUTO, nullptr, &error),
            BPFC_ERROR_OPTION);
  EXPECT_EQ(filter, nullptr);
}

TEST(CInterface, FreesNothing) {
  bpfc_program_free(nullptr);
  bpfc_filter_free(nullptr);
}

TEST(CInterface, SaysItsVersion) { EXPECT_STREQ(bpfc_version(), BPFC_EXPECTED_VERSION); }

}  // namespace
