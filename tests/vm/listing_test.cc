#include "bpfc/listing.h"

#include <gtest/gtest.h>

#include "tests/vm/program_generator.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

// `tcpdump -y EN10MB -d ip`
const Program kIp = {{0x28, 0, 0, 12}, {0x15, 0, 1, 0x800}, {0x6, 0, 0, 262144}, {0x6, 0, 0, 0}};

TEST(Listing, PrintsAsTcpdump) {
  EXPECT_EQ(to_listing(kIp),
            "(000) ldh      [12]\n"
            "(001) jeq      #0x800           jt 2\tjf 3\n"
            "(002) ret      #262144\n"
            "(003) ret      #0\n");
  EXPECT_EQ(to_c_array(kIp),
            "{ 0x28, 0, 0, 0x0000000c },\n"
            "{ 0x15, 0, 1, 0x00000800 },\n"
            "{ 0x6, 0, 0, 0x00040000 },\n"
            "{ 0x6, 0, 0, 0x00000000 },\n");
  EXPECT_EQ(to_decimal(kIp), "4\n40 0 0 12\n21 0 1 2048\n6 0 0 262144\n6 0 0 0\n");
  EXPECT_EQ(to_one_line(kIp), "4,40 0 0 12,21 0 1 2048,6 0 0 262144,6 0 0 0");
}

struct OneLine {
  Instruction instruction;
  std::string_view listing;
};

// What bpf_image() of libpcap 1.10.3 prints; tests/oracle asks the installed one.
const OneLine kLines[] = {
    {{0x20, 0, 0, 0xfffff000U}, "(000) ld       [proto]\n"},
    {{0x30, 0, 0, 0xfffff030U}, "(000) ldb      [vlanp]\n"},
    {{0x30, 0, 0, 0xfffff001U}, "(000) ldb      [-4095]\n"},
    {{0x40, 0, 0, 0xfffff000U}, "(000) ld       [x + -4096]\n"},
    {{0xb1, 0, 0, 14}, "(000) ldxb     4*([14]&0xf)\n"},
    {{0x80, 0, 0, 0}, "(000) ld       #pktlen\n"},
    {{0x81, 0, 0, 0}, "(000) unimp    0x81\n"},
    {{0x00, 0, 0, 0xffffffffU}, "(000) ld       #0xffffffff\n"},
    {{0x00, 0, 0, 0}, "(000) ld       #0x0\n"},
    {{0x06, 0, 0, 0xffffffffU}, "(000) ret      #-1\n"},
    {{0x16, 0, 0, 0}, "(000) ret      \n"},
    {{0x02, 0, 0, 3}, "(000) st       M[3]\n"},
    {{0x05, 0, 0, 3}, "(000) ja       4\n"},
    {{0x05, 0, 0, 0xfffffff0U}, "(000) ja       -15\n"},
    {{0x0c, 0, 0, 0}, "(000) add      x\n"},
    {{0x84, 0, 0, 0}, "(000) neg      \n"},
    {{0x1d, 1, 255, 0}, "(000) jeq      x                jt 2\tjf 256\n"},
};

TEST(Listing, EveryOperandFormat) {
  for (const OneLine& line : kLines) {
    const Program program = {line.instruction};
    EXPECT_EQ(to_listing(program), line.listing);
    const auto read = parse_program(line.listing);
    ASSERT_TRUE(read) << line.listing << read.error().message;
    EXPECT_EQ(*read, program) << line.listing;
  }
}

TEST(Listing, UnknownOpcodesPrintAndDoNotRead) {
  const Program unknown = {{0x55, 1, 2, 0}};
  EXPECT_EQ(to_listing(unknown), "(000) unimp    0x55             jt 2\tjf 3\n");
  EXPECT_FALSE(parse_program(to_listing(unknown)));
  const Program other = {{0xffff, 1, 2, 0}};
  EXPECT_EQ(to_listing(other), "(000) unimp    0xffff\n");
  EXPECT_FALSE(parse_program(to_listing(other)));
}

TEST(ProgramParser, ReadsWhatOthersWrite) {
  for (const std::string_view text : {
           "4,40 0 0 12,21 0 1 2048,6 0 0 262144,6 0 0 0,\n",  // bpf_asm
           "4,40 0 0 12,21 0 1 2048,6 0 0 262144,6 0 0 0",     // nfbpf_compile
           "4\r\n40 0 0 12\r\n21 0 1 2048\r\n6 0 0 262144\r\n6 0 0 0\r\n",
           "\n 4\n40 0 0 12\n21 0 1 2048\n6 0 0 262144\n6 0 0 0",
           "{ 0x28,  0,  0, 0x0000000c },\n{ 0x15,  0,  1, 0x00000800 },\n"
           "{ 0x06,  0,  0, 0x00040000 },\n{ 0x06,  0,  0, 0000000000 },\n",  // bpf_asm -c
           "{40,0,0,12},{0x15,0,1,0x800},{6,0,0,262144},{6,0,0,0}",
           "  (000) ldh [12]\n(001) jeq #2048 jt 2 jf 3\n\n(2) ret #0x40000\n(3) ret #0",
       }) {
    const auto read = parse_program(text);
    ASSERT_TRUE(read) << text << read.error().message;
    EXPECT_EQ(*read, kIp) << text;
  }
  EXPECT_EQ(*parse_program("0\n"), Program{});
  EXPECT_EQ(*parse_program("(000) ldx #pktlen"), (Program{{0x81, 0, 0, 0}}));
}

struct BadText {
  std::string_view text;
  SourceRange range;
  std::string_view message;
};

const BadText kBad[] = {
    {"", {0, 0}, "expected a program: '(000)', '{' or a number of instructions"},
    {" tcp port 80", {1, 4}, "expected a program: '(000)', '{' or a number of instructions"},
    {"2\n6 0 0 0\n", {0, 1}, "the count is 2, the number of instructions 1"},
    {"1", {0, 1}, "the count is 1, the number of instructions 0"},
    {"1,6 0 0", {7, 7}, "expected an operand (k)"},
    {"1,6 0 0 0 0", {10, 11}, "expected ',' or the end of the text"},
    {"1 6 0 0 0", {2, 3}, "expected the end of the line"},
    {"1\n6 256 0 0", {4, 7}, "a jump distance (jt) is not a number between 0 and 255"},
    {"1\n65536 0 0 0", {2, 7}, "an opcode is not a number between 0 and 65535"},
    {"1\n6 0 0 99999999999999999999",
     {8, 28},
     "an operand (k) is not a number between 0 and 4294967295"},
    {"1\n6 0 0 -1", {8, 10}, "expected an operand (k)"},
    {"{ 0x, 0, 0, 0 }", {2, 5}, "expected hexadecimal digits after 0x"},
    {"{ 0x-1, 0, 0, 0 }", {2, 7}, "expected hexadecimal digits after 0x"},
    {"{ 6, 0, 0, 0", {12, 12}, "expected '}'"},
    {"{ 6, 0, 0, 0 } { 6, 0, 0, 0 }", {15, 16}, "expected ',' between two instructions"},
    {"(001) ret #0", {1, 4}, "instruction 1 stands where number 0 belongs"},
    {"(000) hlt", {6, 9}, "there is no instruction 'hlt'"},
    {"(000) ret M[1]", {6, 14}, "'ret' takes no such operand"},
    {"(000) ld [nothing]", {10, 17}, "there is no ancillary load named 'nothing'"},
    {"(000) ld [12", {12, 12}, "expected ']'"},
    {"(000) ld [12] [13]", {14, 18}, "expected the end of the line"},
    {"(000) jeq #1 jf 3", {13, 15}, "expected 'jt'"},
    {"(000) jeq #1 jt 0 jf 1", {16, 17}, "the target after jt is not a number between 1 and 256"},
    {"(000) ret #1\nret #0", {13, 16}, "expected '(001)'"},
};

TEST(ProgramParser, SaysWhatIsWrongAndWhere) {
  for (const BadText& bad : kBad) {
    const auto read = parse_program(bad.text);
    ASSERT_FALSE(read) << bad.text;
    EXPECT_EQ(read.error().code, DiagnosticCode::kBadProgram);
    EXPECT_EQ(read.error().message, bad.message) << bad.text;
    EXPECT_EQ(read.error().range.begin, bad.range.begin) << bad.text;
    EXPECT_EQ(read.error().range.end, bad.range.end) << bad.text;
  }
}

// Any bits read back from the formats of numbers, valid opcodes from all four.
TEST(ProgramParser, ReadsBackWhatIsPrinted) {
  testing::ProgramGenerator generator(testing::test_seed());
  for (int round = 0; round < 20'000; ++round) {
    const bool valid = round % 2 == 0;
    const Program program = valid ? generator.plausible(40, 60) : generator.arbitrary(40);
    EXPECT_EQ(*parse_program(to_c_array(program)), program);
    EXPECT_EQ(*parse_program(to_decimal(program)), program);
    EXPECT_EQ(*parse_program(to_one_line(program)), program);
    if (valid) {
      const auto read = parse_program(to_listing(program));
      ASSERT_TRUE(read) << to_listing(program) << read.error().message;
      EXPECT_EQ(*read, program) << to_listing(program);
    }
  }
}

TEST(ProgramParser, LongProgramsReadBack) {
  const Program program(70'000, Instruction{0x6, 0, 0, 1});
  EXPECT_EQ(*parse_program(to_listing(program)), program);
}

// Under the sanitizers: damaged texts are read or refused, with a range inside the text.
TEST(ProgramParser, SurvivesDamage) {
  static constexpr std::string_view kAlphabet = "0123456789abcdefx[]()#{},+-*& \n\tjtM";
  testing::ProgramGenerator generator(testing::test_seed());
  for (int round = 0; round < 40'000; ++round) {
    const Program program = generator.plausible(6, 60);
    std::string text = round % 4 == 0   ? to_c_array(program)
                       : round % 4 == 1 ? to_decimal(program)
                       : round % 4 == 2 ? to_one_line(program)
                                        : to_listing(program);
    for (std::uint32_t damage = generator.below(4) + 1; damage > 0 && !text.empty(); --damage) {
      const std::size_t at = generator.below(static_cast<std::uint32_t>(text.size()));
      const char c = generator.one_in(8)
                         ? static_cast<char>(generator.word())
                         : kAlphabet[generator.below(static_cast<std::uint32_t>(kAlphabet.size()))];
      switch (generator.below(4)) {
        case 0:
          text.erase(at, 1);
          break;
        case 1:
          text.insert(at, 1, c);
          break;
        case 2:
          text.resize(at);
          break;
        default:
          text[at] = c;
          break;
      }
    }
    const auto read = parse_program(text);
    if (read) continue;
    EXPECT_LE(read.error().range.begin, read.error().range.end);
    EXPECT_LE(read.error().range.end, text.size());
    EXPECT_FALSE(read.error().message.empty());
  }
}

}  // namespace
}  // namespace bpfc
