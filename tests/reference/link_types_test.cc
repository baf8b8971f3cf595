// What libpcap 1.11 says of link types and the installed one does not, so that nothing else judges
// it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "grammar/parse.h"
#include "tests/hex_bytes.h"
#include "tests/reference/evaluator.h"

namespace bpfc::reference {
namespace {

enum class Said : std::uint8_t { kAccept, kReject, kRefused };

constexpr LinkType kSlip{8};
constexpr LinkType kArcnet{7};
constexpr LinkType kCiscoHdlc{104};
constexpr LinkType kBacnet{165};
constexpr LinkType kBroadcom{281};
constexpr LinkType kMarvell{284};
constexpr LinkType kEdsa{285};
constexpr LinkType kEn3Mb{2};

Said say(std::string_view expression, LinkType link_type, std::string_view hex,
         Target target = Target::kNone) {
  const auto filter = grammar::parse(expression);
  if (!filter) {
    ADD_FAILURE() << expression << ": " << filter.error().message;
    return Said::kRefused;
  }
  const std::vector<std::uint8_t> captured = testing::hex_bytes(hex);
  Environment environment;
  environment.link_type = link_type;
  environment.target = target;
  const Verdict verdict = evaluate(
      *filter, environment, {captured, static_cast<std::uint32_t>(captured.size()), nullptr});
  switch (verdict.kind) {
    case Verdict::Kind::kAccept:
      return Said::kAccept;
    case Verdict::Kind::kReject:
      return Said::kReject;
    case Verdict::Kind::kUnsupported:
      break;
  }
  return Said::kRefused;
}

struct Case {
  std::string_view expression;
  LinkType link_type;
  std::string_view packet;
  Said verdict;
};

// To 3 from 4; to all from 4.
constexpr std::string_view kBacnetFrame = "55ff 05 03 04 0000";
constexpr std::string_view kBacnetToAll = "55ff 05 ff 04 0000";
// Destination 5, origin 0x126, selection 3.
constexpr std::string_view kSignalUnit = "0000 3f 85 05 80 49 30";
// A beacon behind a PPI header of 8 bytes.
constexpr std::string_view kPpiBeacon = "0000 0800 69000000 8000 0000";

TEST(LinkTypes, SayWhatTheTableSays) {
  const std::vector<Case> cases{
      {"link src $4", kBacnet, kBacnetFrame, Said::kAccept},
      {"link dst $4", kBacnet, kBacnetFrame, Said::kReject},
      {"link dst host $03", kBacnet, kBacnetFrame, Said::kAccept},
      {"link host $3", kBacnet, kBacnetFrame, Said::kAccept},
      {"src $4", kBacnet, kBacnetFrame, Said::kRefused},
      {"broadcast", kBacnet, kBacnetFrame, Said::kReject},
      {"broadcast", kBacnet, kBacnetToAll, Said::kAccept},
      {"multicast", kBacnet, kBacnetToAll, Said::kRefused},
      {"ip", kBacnet, kBacnetFrame, Said::kRefused},
      {"link proto 0x800", kBacnet, kBacnetFrame, Said::kRefused},
      {"host 10.0.0.1", kBacnet, kBacnetFrame, Said::kRefused},
      {"link[4] = 4 and len = 7", kBacnet, kBacnetFrame, Said::kAccept},

      {"link src $a", kArcnet, "0a 0b d4 00 00 00", Said::kAccept},
      {"link dst $0b", kArcnet, "0a 0b d4 00 00 00", Said::kAccept},
      {"link host $0c", kArcnet, "0a 0b d4 00 00 00", Said::kReject},
      {"ip", kArcnet, "0a 0b d4 00 00 00", Said::kAccept},
      {"ip", kArcnet, "0a 0b f0 00 00 00", Said::kReject},
      {"arp", kArcnet, "0a 0b f1 00 00 00", Said::kReject},
      {"ip6", kArcnet, "0a 0b c4 00 00 00", Said::kAccept},

      {"opc 0x126", LinkType::kMtp2, kSignalUnit, Said::kAccept},
      {"opc != 0x126", LinkType::kMtp2, kSignalUnit, Said::kReject},
      {"opc > 0x125", LinkType::kMtp2, kSignalUnit, Said::kAccept},
      {"opc < 0x200", LinkType::kMtp2, kSignalUnit, Said::kReject},  // the low bits come first
      {"dpc = 5", LinkType::kMtp2, kSignalUnit, Said::kAccept},
      {"dpc <= 4", LinkType::kMtp2, kSignalUnit, Said::kReject},
      {"sls (1 or 3)", LinkType::kMtp2, kSignalUnit, Said::kAccept},
      {"sls != 3", LinkType::kMtp2, kSignalUnit, Said::kReject},
      {"hopc 3", LinkType{141}, kSignalUnit, Said::kRefused},
      {"vpi != 3", LinkType::kSunAtm, "02 04 0005", Said::kAccept},
      {"vpi 256", LinkType::kSunAtm, "02 04 0005", Said::kRefused},

      {"type mgt", LinkType::kPpi, kPpiBeacon, Said::kAccept},
      {"subtype beacon and dir nods", LinkType::kPpi, kPpiBeacon, Said::kAccept},
      {"type data", LinkType::kPpi, kPpiBeacon, Said::kReject},
      {"less 100", LinkType::kPpi, "0000 0800 01000000", Said::kReject},
      {"radio[0] = 0", LinkType::kPpi, kPpiBeacon, Said::kRefused},
      {"vlan", LinkType::kPpi, kPpiBeacon, Said::kRefused},
      {"type ctl subtype bar", LinkType::kIeee80211, "8400", Said::kAccept},
      {"subtype ba", LinkType::kIeee80211, "9400", Said::kAccept},
      {"dir 4", LinkType::kIeee80211, "9400", Said::kRefused},
      // The outer header is read before anything else, if anything reads behind it.
      {"less 100", LinkType::kRadiotap, "000000", Said::kAccept},
      {"less 100 or type mgt", LinkType::kRadiotap, "000000", Said::kReject},
      {"len > 2 or ip", LinkType::kRadiotap, "0000 0800 00000000 8000", Said::kAccept},
      // The prefix stays what it is before a PPPoE session and after it.
      {"type mgt or pppoes", LinkType::kRadiotap, "0000 0800 00000000 0000", Said::kAccept},

      {"outbound", kSlip, "01 00", Said::kAccept},
      {"outbound", kSlip, "02 00", Said::kReject},
      {"inbound", kSlip, "00 00", Said::kAccept},

      {"inbound", kBroadcom, "020000000001 020000000002 00000001 0800", Said::kAccept},
      {"inbound", kBroadcom, "020000000001 020000000002 20000001 0800", Said::kReject},
      {"outbound", kBroadcom, "020000000001 020000000002 20000001 0800", Said::kAccept},
      {"outbound", kMarvell, "020000000001 020000000002 40000001 0800", Said::kAccept},
      {"inbound", kMarvell, "020000000001 020000000002 40000001 0800", Said::kReject},
      {"inbound", kMarvell, "020000000001 020000000002 00000001 0800", Said::kAccept},
      {"ip and ether src 02:00:00:00:00:02", kMarvell, "020000000001 020000000002 40000001 0800",
       Said::kAccept},
      {"ip and link[12] = 0x40", kMarvell, "020000000001 020000000002 40000001 0800",
       Said::kAccept},
      {"ip", kEdsa, "", Said::kRefused},
      {"link[0] = 2", kEdsa, "02", Said::kAccept},
      {"link[0] = 2", kEn3Mb, "02", Said::kAccept},
      {"tcp", kEn3Mb, "02", Said::kRefused},

      {"l1", kCiscoHdlc, "0f00 fefe 00 83 000000 0f", Said::kAccept},
      {"inbound", LinkType::kIeee80211, "", Said::kRefused},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(say(each.expression, each.link_type, each.packet), each.verdict)
        << each.expression << " on " << static_cast<std::uint32_t>(each.link_type);
  }
}

// A savefile's IPv6 may be any BSD's.
TEST(LinkTypes, PflogOfSavefiles) {
  for (const std::string_view family : {"18", "1c", "1e"}) {
    const std::string packet = "40 " + std::string(family) + " 00 00";
    EXPECT_EQ(say("ip6", LinkType::kPflog, packet, Target::kSavefileNative), Said::kAccept);
    EXPECT_EQ(say("ip6", LinkType::kPflog, packet), Said::kReject);
  }
  EXPECT_EQ(say("ip6", LinkType::kPflog, "40 0a 00 00"), Said::kAccept);
}

TEST(LinkTypes, LiveLinuxKnowsTheDirectionOfAll) {
  EXPECT_EQ(say("inbound", LinkType::kIeee80211, "", Target::kLiveLinux), Said::kAccept);
  EXPECT_EQ(say("outbound", LinkType::kMtp2, "", Target::kLiveLinux), Said::kReject);
}

}  // namespace
}  // namespace bpfc::reference
