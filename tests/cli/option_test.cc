// The options that say what a filter is and what is printed of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string program_of(std::vector<std::string> arguments) {
  const Outcome outcome = run_bpfc(std::move(arguments));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  return outcome.out;
}

struct SameProgram {
  std::vector<std::string> one;
  std::vector<std::string> other;
};

void PrintTo(const SameProgram& same, std::ostream* stream) {
  *stream << testing::PrintToString(same.one) << " and " << testing::PrintToString(same.other);
}

class SameProgramTest : public testing::TestWithParam<SameProgram> {};

TEST_P(SameProgramTest, IsPrinted) {
  const std::string program = program_of(GetParam().one);
  EXPECT_NE(program, "");
  EXPECT_EQ(program, program_of(GetParam().other));
}

INSTANTIATE_TEST_SUITE_P(
    Spellings, SameProgramTest,
    testing::Values(
        // Options anywhere, words anywhere.
        SameProgram{{"-ddd", "tcp port 80"}, {"tcp", "-ddd", "port", "80"}},
        SameProgram{{"-ddd", "tcp port 80"}, {"tcp", "port", "80", "-ddd"}},
        SameProgram{{"-ddd", "tcp port 80"}, {"-ddd", "--", "tcp", "port", "80"}},
        SameProgram{{"-d", "tcp"}, {"tcp"}}, SameProgram{{"-d", "tcp"}, {"tcp", "-d"}},
        // Words that mean something to option parsers.
        SameProgram{{"ip[0] & 0xf != 5"}, {"ip[0] & 0xf", "!=", "5"}},
        SameProgram{{"ip[0] & 0xf != 5"}, {"ip", "[0]", "&", "0xf", "!=", "5"}},
        SameProgram{{"len > 5"}, {"len", ">", "5"}},
        SameProgram{{"ether[0] = 1"}, {"ether[0]", "=", "1"}},
        SameProgram{{"ether[0:2] = 1"}, {"ether", "[0:2]", "=", "1"}},
        SameProgram{{"not tcp"}, {"!", "tcp"}}, SameProgram{{"not tcp"}, {"!tcp"}},
        SameProgram{{"--", "-len = 5"}, {"--", "-len", "=", "5"}},
        SameProgram{{"len = 8 - 3"}, {"len", "=", "8", "-", "3"}},
        SameProgram{{"len - 3 = 5"}, {"len - 3", "=", "5"}},
        SameProgram{{"net 10.0.0.0/8"}, {"net", "10.0.0.0/8"}},
        SameProgram{{"ether[0] = 1"}, {"ether[0]\n=\t1"}},
        // The number of -d counts, together or apart.
        SameProgram{{"-dd", "udp"}, {"-d", "udp", "-d"}},
        SameProgram{{"-ddd", "udp"}, {"-d", "-d", "-d", "udp"}},
        SameProgram{{"-ddd", "udp"}, {"-dd", "udp", "-d"}},
        SameProgram{{"udp"}, {"--format=listing", "udp"}},
        SameProgram{{"-dd", "udp"}, {"--format=c-array", "udp"}},
        SameProgram{{"-ddd", "udp"}, {"udp", "--format", "decimal"}},
        SameProgram{{"-ddd", "-O", "udp"}, {"-dddO", "udp"}},
        SameProgram{{"-O", "udp"}, {"--no-optimize", "udp"}},
        SameProgram{{"-O", "udp"}, {"--optimize=none", "udp"}},
        SameProgram{{"-O", "udp"}, {"-O", "--optimize", "none", "udp"}},
        SameProgram{{"udp"}, {"--optimize=default", "udp"}},
        // Link types.
        SameProgram{{"-y", "RAW", "tcp"}, {"-yRAW", "tcp"}},
        SameProgram{{"-y", "RAW", "tcp"}, {"--linktype=RAW", "tcp"}},
        SameProgram{{"-y", "RAW", "tcp"}, {"--linktype", "raw", "tcp"}},
        SameProgram{{"-y", "RAW", "tcp"}, {"tcp", "-y", "DLT_RAW"}},
        SameProgram{{"-y", "RAW", "tcp"}, {"-y", "dlt_raw", "tcp"}},
        SameProgram{{"-y", "RAW", "tcp"}, {"-y", "12", "tcp"}},
        SameProgram{{"-y", "RAW", "-d", "tcp"}, {"-dyRAW", "tcp"}},
        SameProgram{{"-y", "RAW", "-O", "tcp"}, {"-dOyRAW", "tcp"}},
        SameProgram{{"-y", "LINUX_SLL2", "tcp"}, {"-y", "276", "tcp"}},
        SameProgram{{"-y", "EN10MB", "tcp"}, {"tcp"}},
        // Netmasks and snaplens.
        SameProgram{{"-m", "255.255.255.0", "ip broadcast"}, {"-m", "0xffffff00", "ip broadcast"}},
        SameProgram{{"-m", "255.255.255.0", "ip broadcast"}, {"--netmask=/24", "ip broadcast"}},
        SameProgram{{"-s", "96", "tcp"}, {"-s96", "tcp"}},
        SameProgram{{"-s", "96", "tcp"}, {"--snaplen=96", "tcp"}},
        SameProgram{{"-s", "262144", "tcp"}, {"tcp"}}, SameProgram{{""}, {"-d"}}));

TEST(OptionTest, PrintsTheThreeFormats) {
  EXPECT_EQ(program_of({"-d", "ip"}),
            "(000) ldh      [12]\n(001) jeq      #0x800           jt 2\tjf 3\n"
            "(002) ret      #262144\n(003) ret      #0\n");
  EXPECT_EQ(program_of({"-dd", "ip"}),
            "{ 0x28, 0, 0, 0x0000000c },\n{ 0x15, 0, 1, 0x00000800 },\n"
            "{ 0x6, 0, 0, 0x00040000 },\n{ 0x6, 0, 0, 0x00000000 },\n");
  EXPECT_EQ(program_of({"-ddd", "ip"}), "4\n40 0 0 12\n21 0 1 2048\n6 0 0 262144\n6 0 0 0\n");
}

TEST(OptionTest, SnaplenIsWhatAnAcceptingProgramReturns) {
  EXPECT_EQ(program_of({"-s", "96", ""}), "(000) ret      #96\n");
  EXPECT_EQ(program_of({""}), "(000) ret      #262144\n");
}

TEST(OptionTest, TargetsChangeThePrograms) {
  EXPECT_THAT(program_of({"--linux-ext", "inbound"}), HasSubstr("[type]"));
  // In a file the address family may be in either byte order.
  const std::string live = program_of({"-y", "NULL", "ip"});
  const std::string native = program_of({"-y", "NULL", "--savefile=native", "ip"});
  EXPECT_NE(live, native);
  EXPECT_EQ(native, program_of({"-y", "NULL", "--savefile", "swapped", "ip"}));
}

TEST(OptionTest, ReadsTheFilterFromAFile) {
  const ScratchFolder folder;
  const std::string expected = program_of({"tcp port 80"});
  const std::string plain = folder.write("plain", "tcp port 80\n");
  const std::string marked = folder.write("marked", "\xef\xbb\xbf" + std::string("tcp port 80"));
  EXPECT_EQ(program_of({"-F", marked}), program_of({"tcp port 80"}));
  EXPECT_EQ(program_of({"-F", plain}), expected);
  EXPECT_EQ(program_of({"--file=" + plain}), expected);
  const std::string comments = folder.write("[a,b]", "# web\ntcp # not udp\n  port 80 # end");
  EXPECT_EQ(program_of({"-F", comments}), expected);
  EXPECT_EQ(program_of({"-F", folder.write("empty", "")}), program_of({""}));
  const Outcome piped = run_bpfc(Invocation{.arguments = {"-F", "-"}, .input = "tcp port 80"});
  EXPECT_EQ(piped.out, expected);
}

TEST(OptionTest, ListsLinkTypes) {
  const std::string list = program_of({"-L"});
  for (const char* name : {"EN10MB", "RAW", "NULL", "LOOP", "LINUX_SLL", "LINUX_SLL2", "IPV4"}) {
    EXPECT_THAT(list, HasSubstr(name));
  }
  EXPECT_EQ(program_of({"--list-linktypes"}), list);
}

// The values that an option takes, as the refusal of a wrong one lists them.
std::vector<std::string> values_of(const std::string& option) {
  const Outcome wrong = run_bpfc({option + "=nonsense", "tcp"});
  EXPECT_EQ(wrong.exit_code, 2);
  const std::size_t open = wrong.err.find('{');
  const std::size_t close = wrong.err.find('}', open);
  if (close == std::string::npos) return {};
  std::istringstream list(wrong.err.substr(open + 1, close - open - 1));
  std::vector<std::string> values;
  for (std::string value; std::getline(list, value, ',');) values.push_back(value);
  return values;
}

TEST(OptionTest, DumpsEachStageThatHelpNames) {
  const std::vector<std::string> stages = values_of("--dump");
  EXPECT_THAT(stages, testing::Contains("ast"));
  EXPECT_GE(stages.size(), 3U);
  for (const std::string& stage : stages) {
    EXPECT_NE(program_of({"--dump=" + stage, "tcp port 80"}), "") << stage;
    EXPECT_NE(program_of({"-r", data_file("raw.pcap"), "--dump", stage, "tcp"}), "") << stage;
  }
}

TEST(OptionTest, PrintsEachFormatThatHelpNames) {
  const std::vector<std::string> formats = values_of("--format");
  EXPECT_THAT(formats, testing::IsSupersetOf({"listing", "c"}));
  for (const std::string& format : formats) {
    EXPECT_NE(program_of({"--format=" + format, "tcp port 80"}), "") << format;
    EXPECT_NE(program_of({"-r", data_file("raw.pcap"), "--format", format, "tcp"}), "") << format;
  }
  EXPECT_THAT(program_of({"--format=c", "tcp port 80"}), HasSubstr("/* tcp port 80 */"));
}

TEST(Format, PrintsMachineCodeBelowWhatItIsFor) {
  const std::string text = program_of({"--format=x86", "ip"});
  EXPECT_THAT(text, HasSubstr("; ip\n; (000) ldh      [12]\n"));
  EXPECT_THAT(text, HasSubstr("; (001) jeq      #0x800"));
  EXPECT_THAT(text, ::testing::ContainsRegex(" +[0-9a-f]+  ret\n"));
}

TEST(OptionTest, StatisticsGoToStandardError) {
  const Outcome compiled = run_bpfc({"--stats", "ip"});
  EXPECT_EQ(compiled.out, program_of({"ip"}));
  EXPECT_EQ(compiled.err, "bpfc: 4 instructions, 3 executed\n");
  const Outcome read = run_bpfc({"-r", data_file("dns.pcap"), "--count", "--stats", "ip"});
  EXPECT_EQ(read.exit_code, 0);
  EXPECT_THAT(read.err, HasSubstr("3.0 instructions executed a packet"));
}

TEST(OptionTest, SaysItsVersionAndHelps) {
  EXPECT_THAT(program_of({"--version"}), StartsWith("bpfc 0."));
  const std::string help = program_of({"--help"});
  for (const char* option :
       {"-F",       "-y",      "-s",      "-m",        "-O",         "-W",          "-d",
        "--format", "-r",      "-w",      "-c",        "-L",         "--linux-ext", "--savefile",
        "--dump",   "--count", "--stats", "--version", "Exit codes", "Examples"}) {
    EXPECT_THAT(help, HasSubstr(option));
  }
  EXPECT_EQ(program_of({"-h"}), help);
  const std::string run_help = program_of({"run", "--help"});
  for (const char* option : {"--program", "--packet", "--wirelen", "--engine", "--rules"}) {
    EXPECT_THAT(run_help, HasSubstr(option));
  }
  EXPECT_THAT(help, EndsWith("\n"));
}

TEST(OptionTest, WordsAfterTheMarkAreNoOptions) {
  const Outcome outcome = run_bpfc({"--", "tcp", "-d"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("tcp -d"));
  const Outcome dashes = run_bpfc({"--", "---"});
  EXPECT_EQ(dashes.exit_code, 1);
  EXPECT_THAT(dashes.err, HasSubstr("filter:1:4:"));
}

}  // namespace
}  // namespace bpfc::cli_test
