// The two tools side by side: what bpfc counts and copies of a capture, tcpdump counts and copies.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "bpfc/capture_reader.h"
#include "bpfc/link_type.h"
#include "command_runner.h"
#include "tests/oracle/known_differences.h"

namespace bpfc::oracle {
namespace {

using cli_test::Invocation;
using cli_test::Outcome;

// Of every kind. libpcap optimizes them here, and none of them is one that its optimizer gets wrong
// on these captures.
constexpr auto kFilters = std::to_array<std::string_view>({
    "",
    "ip",
    "ip6",
    "arp or rarp",
    "tcp",
    "udp",
    "icmp or icmp6",
    "not ip and not ip6",
    "tcp port 80",
    "port 53",
    "src port 53 or dst port 443",
    "portrange 1-1023",
    "host 10.77.0.1",
    "src net 10.0.0.0/8 and dst net 10.0.0.0/8",
    "net 192.168",
    "ip6 net fe80::/10 or ip6 host fd77::1",
    "ether broadcast or ether multicast",
    "ip6 multicast",
    "ip proto 17 or ip6 proto 58",
    "ip[0] & 0xf != 5",
    "ip[6:2] & 0x1fff != 0",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "icmp[icmptype] = icmp-echo",
    "udp[4:2] > 100",
    "len - 14 < 100 or greater 1000",
    "ip[2:2] - ((ip[0] & 0xf) << 2) > 100",
    "vlan",
    "vlan and ip",
    "mpls or pppoes",
    "vlan 10 and (tcp or vlan)",
    "geneve and tcp",
    "llc or stp or isis",
    "ether proto 0x88cc or ether[12:2] = 0x88cc",
    "ip6 protochain 17 and not udp",
    "sctp or ah or esp or pim or igmp or vrrp",
    "ether src 0:0:0:0:0:1",
});
static_assert(kFilters.size() >= 30);

struct Capture {
  std::string path;
  std::string link_type;
  bool pcap;
  bool swapped;
  bool nanoseconds;
};

// Nothing: of a link type that is not known yet, or of kinds that libpcap refuses.
std::optional<Capture> examine(const std::string& path) {
  auto reader = CaptureReader::open(path);
  if (!reader) return std::nullopt;
  for (auto packet = reader->next(); packet && *packet != nullptr; packet = reader->next()) {
  }
  const CaptureInterface first = reader->interfaces().front();
  for (const CaptureInterface& other : reader->interfaces()) {
    // libpcap reads no second link type, and no second snaplen.
    if (other.link_type != first.link_type || other.snaplen != first.snaplen) return std::nullopt;
  }
  const LinkType* link_type = find_link_type_of_file(first.link_type);
  if (link_type == nullptr) return std::nullopt;
  return Capture{path, std::string(link_type->name), reader->format() == CaptureFormat::kPcap,
                 reader->sections().front().swapped, first.resolution == kNanoseconds};
}

std::vector<Capture> captures(const std::string& folder) {
  std::vector<Capture> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto extension = entry.path().extension();
    if (extension != ".pcap" && extension != ".pcapng") continue;
    if (auto capture = examine(entry.path())) found.push_back(*capture);
  }
  std::ranges::sort(found, {}, &Capture::path);
  return found;
}

class TcpdumpTest : public testing::Test {
 protected:
  void SetUp() override {
    tcpdump_ = cli_test::find_installed("tcpdump");
    if (tcpdump_.empty()) GTEST_SKIP() << "tcpdump is not installed";
    captures_ = captures(BPFC_SOURCE_DIR "/tests/data");
    ASSERT_GE(captures_.size(), 30U);
    // Two processes a pair take their time: not all of a large folder.
    constexpr std::size_t kMostExtra = 120;
    const std::vector<Capture> extra = captures(BPFC_EXTRA_CAPTURES);
    const std::size_t step = extra.size() / kMostExtra + 1;
    for (std::size_t i = 0; i < extra.size(); i += step) captures_.push_back(extra[i]);
  }

  Outcome tcpdump(std::vector<std::string> arguments, std::string input = {}) const {
    return cli_test::run_program(
        tcpdump_, Invocation{.arguments = std::move(arguments), .input = std::move(input)});
  }

  std::string tcpdump_;
  std::vector<Capture> captures_;
};

TEST_F(TcpdumpTest, CountsTheSame) {
  int counted = 0;
  int refused = 0;
  int known = 0;
  for (const Capture& capture : captures_) {
    for (const std::string_view filter : kFilters) {
      const std::string text(filter);
      const Outcome ours = cli_test::run_bpfc({"-r", capture.path, "--count", text});
      const Outcome theirs = tcpdump({"-r", capture.path, "--count", text});
      if (theirs.exit_code != 0 && oracle::is_known_refusal(capture.link_type, text, false)) {
        ++known;
        continue;
      }
      EXPECT_EQ(ours.out, theirs.out) << capture.path << ": " << text << "\n"
                                      << ours.err << theirs.err;
      EXPECT_EQ(ours.exit_code == 0, theirs.exit_code == 0) << capture.path << ": " << text << "\n"
                                                            << ours.err << theirs.err;
      ++(ours.out.empty() ? refused : counted);
    }
  }
  EXPECT_GT(counted, 900);
  fmt::print(
      "{} filters on {} captures: {} counts compared, {} pairs refused by both, "
      "{} known refusals of tcpdump's\n",
      kFilters.size(), captures_.size(), counted, refused, known);
}

TEST_F(TcpdumpTest, CopiesTheSameBytes) {
  int compared = 0;
  for (const Capture& capture : captures_) {
    if (!capture.pcap) continue;
    for (const std::string text : {"", "ip", "not tcp"}) {
      const Outcome ours = cli_test::run_bpfc({"-r", capture.path, "-w", "-", text});
      std::vector<std::string> arguments = {"-r", capture.path, "-w", "-"};
      const std::string precision = capture.nanoseconds ? "nano" : "micro";
      arguments.push_back("--time-stamp-precision=" + precision);
      arguments.push_back(text);
      const Outcome theirs = tcpdump(arguments);
      std::string copy = ours.out;
      if (capture.swapped) {
        // tcpdump writes in the machine's byte order: it may turn our copy, too.
        copy = tcpdump({"-r", "-", "-w", "-", "--time-stamp-precision=" + precision}, copy).out;
      }
      EXPECT_TRUE(copy == theirs.out) << capture.path << ": " << text << "\n"
                                      << ours.err << theirs.err;
      ++compared;
    }
  }
  fmt::print("{} copies compared\n", compared);
}

}  // namespace
}  // namespace bpfc::oracle
