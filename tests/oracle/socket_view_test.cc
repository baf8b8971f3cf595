// What a capture's socket filter keeps against what the filter says of the packet once it is saved:
// never less, and no more where the compiler says so.
//
// Each frame is shown as the kernel shows it: with its tag in its bytes, as it leaves the machine,
// and beside them, as it comes in (skb_vlan_untag() in net/core/skbuff.c).
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>

#include "bpfc/compile.h"
#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "tests/hex_bytes.h"
#include "tests/oracle/expression_generator.h"
#include "tests/oracle/expression_list.h"
#include "tests/oracle/link_types.h"
#include "tests/oracle/packet_corpus.h"
#include "tests/oracle/system_names.h"

namespace bpfc::oracle {
namespace {

constexpr std::uint32_t kSeed = 4;
constexpr std::size_t kFrames = 400;
constexpr int kCombinations = 1500;
constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kShortestTagged = 20;
constexpr std::uint16_t kEthernet = 1;
constexpr std::uint16_t kLoopback = 772;
constexpr std::uint8_t kOutgoing = 4;

using Bytes = std::vector<std::uint8_t>;

// A frame, as the kernel shows it and as it is saved.
struct Shown {
  Bytes frame;
  Ancillary ancillary;
  Bytes saved;
};

std::uint16_t half(const Bytes& bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

void append(Bytes& bytes, std::uint32_t value, int size) {
  while (size-- > 0) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * size)));
}

bool is_tag(std::uint16_t protocol) { return protocol == 0x8100 || protocol == 0x88a8; }

// As SLL2 (pcap-linktype(7)).
Bytes cooked(const Bytes& frame, const Ancillary& ancillary) {
  Bytes saved;
  const bool tagged = ancillary.vlan_tag_present;
  append(saved, tagged ? ancillary.vlan_protocol : ancillary.protocol, 2);
  append(saved, 0, 2);
  append(saved, *ancillary.interface_index, 4);
  append(saved, *ancillary.hardware_type, 2);
  append(saved, ancillary.packet_type, 1);
  append(saved, 6, 1);
  saved.insert(saved.end(), frame.begin() + 6, frame.begin() + 12);
  append(saved, 0, 2);
  if (tagged) {
    append(saved, ancillary.vlan_tag, 2);
    append(saved, ancillary.protocol, 2);
  }
  saved.insert(saved.end(), frame.begin() + kEthernetHeader, frame.end());
  return saved;
}

Ancillary of_type(std::uint8_t packet_type) {
  Ancillary ancillary;
  ancillary.packet_type = packet_type;
  return ancillary;
}

// Every way in which the kernel may show the frame.
std::vector<Shown> views(const Bytes& sent, SocketView view, std::mt19937& random) {
  std::vector<Shown> result;
  const auto show = [&](Bytes frame, Ancillary ancillary) {
    if (frame.size() < kEthernetHeader) return;
    const std::uint16_t type = half(frame, 12);
    ancillary.protocol = type >= 0x600 ? type : 4;
    ancillary.interface_index = 3 + random() % 2;
    ancillary.hardware_type = random() % 8 == 0 ? kLoopback : kEthernet;
    if (*ancillary.hardware_type == kLoopback) ancillary.packet_type = 0;
    Bytes saved = view == SocketView::kEveryInterface ? cooked(frame, ancillary)
                  : ancillary.vlan_tag_present        ? sent
                                                      : frame;
    result.push_back({std::move(frame), ancillary, std::move(saved)});
  };
  show(sent, of_type(kOutgoing));
  Ancillary incoming = of_type(static_cast<std::uint8_t>(random() % 4));
  if (sent.size() < kShortestTagged || !is_tag(half(sent, 12))) {
    show(sent, incoming);
    return result;
  }
  incoming.vlan_tag_present = true;
  incoming.vlan_protocol = half(sent, 12);
  incoming.vlan_tag = half(sent, 14);
  Bytes untagged = sent;
  untagged.erase(untagged.begin() + 12, untagged.begin() + 16);
  show(untagged, incoming);
  return result;
}

std::vector<Shown> shown_packets(SocketView view) {
  CorpusOptions options;
  options.directories = {BPFC_SOURCE_DIR "/tests/data", BPFC_EXTRA_CAPTURES};
  std::vector<CorpusPacket> corpus = packet_corpus(kEthernet, options);
  std::mt19937 random(kSeed);
  std::shuffle(corpus.begin(), corpus.end(), random);
  corpus.resize(std::min(corpus.size(), kFrames));
  std::vector<Shown> result;
  for (const CorpusPacket& packet : corpus) {
    Bytes frame = packet.bytes;
    if (random() % 3 == 0 && frame.size() > kEthernetHeader) {
      Bytes tag;
      append(tag, random() % 4 == 0 ? 0x88a8 : 0x8100, 2);
      append(tag, random() % 2 == 0 ? 100 : random() & 0xffffU, 2);
      frame.insert(frame.begin() + 12, tag.begin(), tag.end());
    }
    for (Shown& shown : views(frame, view, random)) result.push_back(std::move(shown));
  }
  return result;
}

struct ViewCase {
  const char* name;
  SocketView view;
  const char* link_type;
};

class SocketViews : public ::testing::TestWithParam<ViewCase> {
 protected:
  void SetUp() override { packets_ = shown_packets(GetParam().view); }

  CompileOptions options(Optimization level) const {
    CompileOptions options;
    options.link_type = find_link_type(GetParam().link_type);
    options.target = Target::kCapture;
    options.netmask = 0xffffff00U;
    options.optimization = level;
    options.resolver = &names_;
    options.socket = SocketOptions{GetParam().view};
    return options;
  }

  void compare(const std::string& expression) {
    const auto saved = compile(expression, options(Optimization::kNone));
    if (!saved) return;
    const auto compiled = compile(expression, options(Optimization::kDefault));
    // What matches nothing is refused only where it is optimized.
    if (!compiled) return;
    ++expressions_;
    const bool asks_device = [&] {
      CompileOptions file = options(Optimization::kNone);
      file.target = Target::kNativeSavefile;
      file.socket.reset();
      const auto of_file = compile(expression, file);
      if (of_file) {
        EXPECT_EQ(of_file->program, saved->program) << expression;
      }
      return !of_file;
    }();
    const auto meaning = verify(saved->program, asks_device ? Rules::kKernel : Rules::kLibpcap);
    ASSERT_TRUE(meaning) << expression << ": " << meaning.error().message;
    for (const auto* compilation : {&*saved, &*compiled}) {
      ASSERT_TRUE(compilation->socket_filter);
      const SocketFilter& filter = *compilation->socket_filter;
      if (filter.program.size() > kKernelMaxInstructions) continue;
      const auto socket = verify(filter.program, Rules::kKernel);
      ASSERT_TRUE(socket) << expression << ": " << socket.error().message;
      exact_ += filter.exact ? 1 : 0;
      for (const Shown& packet : packets_) {
        compare(expression, *meaning, *socket, filter.exact, packet);
        if (HasFatalFailure()) return;
      }
    }
  }

  void compare(const std::string& expression, const VerifiedProgram& meaning,
               const VerifiedProgram& socket, bool exact, const Shown& packet) {
    const bool wanted =
        interpret(meaning, {.captured = packet.saved,
                            .wire_length = static_cast<std::uint32_t>(packet.saved.size()),
                            .ancillary = &packet.ancillary}) != 0;
    const bool passes =
        interpret(socket, {.captured = packet.frame,
                           .wire_length = static_cast<std::uint32_t>(packet.frame.size()),
                           .network_offset = kEthernetHeader,
                           .ancillary = &packet.ancillary}) != 0;
    ++verdicts_;
    extra_ += passes && !wanted ? 1 : 0;
    accepted_ += wanted ? 1 : 0;
    const bool right = passes == wanted || (passes && !exact);
    ASSERT_TRUE(right) << expression << (wanted ? " is missed" : " passes what it should not")
                       << "\nsaved " << bpfc::testing::to_hexadecimal(packet.saved) << "\ntype "
                       << int{packet.ancillary.packet_type} << ", tag "
                       << (packet.ancillary.vlan_tag_present ? "beside" : "not beside")
                       << "\nmeaning\n"
                       << to_listing(meaning.program()) << "socket\n"
                       << to_listing(socket.program());
  }

  void report(const char* what) const {
    std::cout << GetParam().name << ", " << what << ": " << expressions_ << " expressions, "
              << packets_.size() << " packets, " << verdicts_ << " verdicts, " << accepted_
              << " accepted; " << exact_ << " programs exact, " << extra_
              << " verdicts left to user space\n";
  }

  SystemNames names_;
  std::vector<Shown> packets_;
  std::uint64_t expressions_ = 0;
  std::uint64_t verdicts_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t extra_ = 0;
  std::uint64_t exact_ = 0;
};

TEST_P(SocketViews, ListedExpressions) {
  for (const std::string& expression : read_expressions("expressions.txt", GetParam().link_type)) {
    ASSERT_NO_FATAL_FAILURE(compare(expression));
  }
  report("listed");
  EXPECT_GT(accepted_, 0U);
}

TEST_P(SocketViews, GeneratedPrimitives) {
  for (const std::string& expression : generated_primitives()) {
    ASSERT_NO_FATAL_FAILURE(compare(expression));
  }
  report("primitives");
}

TEST_P(SocketViews, RandomCombinations) {
  std::vector<std::string> primitives = {"(inbound)", "(outbound)", "(ifindex 3)"};
  const auto listed = read_expressions("expressions.txt", GetParam().link_type);
  for (const std::string& primitive : listed) primitives.push_back("(" + primitive + ")");
  for (const char* more : {"(vlan)", "(vlan 100)", "(vlan and vlan)", "(len > 60)", "(less 64)",
                           "(link[12:4] & 0xffff = 100)", "(link[13] = 0)", "(link[len - 1] = 0)",
                           "(link[1:4] > 7)", "(geneve)", "(ip6 protochain 17)"}) {
    primitives.push_back(more);
  }
  std::mt19937 random(kSeed);
  for (int i = 0; i < kCombinations; ++i) {
    ASSERT_NO_FATAL_FAILURE(compare(random_combination(primitives, random, 5)));
  }
  report("combinations");
}

INSTANTIATE_TEST_SUITE_P(Oracle, SocketViews,
                         ::testing::Values(ViewCase{"Ethernet", SocketView::kEthernet, "EN10MB"},
                                           ViewCase{"EveryInterface", SocketView::kEveryInterface,
                                                    "LINUX_SLL2"}),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace bpfc::oracle
