#include "tests/reference/header_context.h"

#include <algorithm>
#include <array>

namespace bpfc::reference {

namespace {

// The link types whose headers have a fixed length; the numbers are libpcap's.
struct Row {
  std::uint32_t link_type;
  Link link;
  std::uint32_t link_header;
  std::uint32_t type;
  std::uint32_t payload;
  std::uint32_t network;  // from the payload
  std::uint32_t iso;      // from the payload
};

// libpcap counts from unset offsets as if they were -1.
constexpr std::uint32_t kUnset = 0xffffffffU;

constexpr std::array kRows{
    Row{0, Link::kNull, 0, 0, 4, 0, 0},              // NULL
    Row{1, Link::kEthernet, 0, 12, 14, 0, 3},        // EN10MB
    Row{6, Link::kTokenRing, 0, 0, 14, 8, 3},        // IEEE802
    Row{7, Link::kArcnet, 0, 2, 6, 0, 0},            // ARCNET
    Row{8, Link::kRaw, 0, 0, 16, 0, 0},              // SLIP
    Row{9, Link::kPpp, 0, 2, 4, 0, 0},               // PPP
    Row{10, Link::kFddi, 0, 0, 13, 8, 3},            // FDDI
    Row{11, Link::kAtm, 0, 0, 0, 8, 3},              // ATM_RFC1483
    Row{12, Link::kRaw, 0, 0, 0, 0, 0},              // RAW
    Row{15, Link::kRaw, 0, 0, 24, 0, 0},             // SLIP_BSDOS
    Row{16, Link::kPppBsdos, 0, 5, 24, 0, 0},        // PPP_BSDOS
    Row{19, Link::kAtmClip, 0, 0, 0, 8, 3},          // ATM_CLIP
    Row{50, Link::kPppNoMpls, 0, 2, 4, 0, 0},        // PPP_SERIAL
    Row{51, Link::kPppNoMpls, 0, 6, 8, 0, 0},        // PPP_ETHER
    Row{99, Link::kPlainType, 0, 6, 44, 0, 0},       // SYMANTEC_FIREWALL
    Row{104, Link::kCiscoHdlc, 0, 2, 4, 0, 0},       // C_HDLC
    Row{107, Link::kFrameRelay, 0, 2, 0, 0, 0},      // FRELAY
    Row{108, Link::kLoop, 0, 0, 4, 0, 0},            // LOOP
    Row{109, Link::kNull, 0, 0, 12, 0, 0},           // ENC
    Row{112, Link::kCiscoHdlc, 0, 2, 4, 0, 0},       // HDLC
    Row{113, Link::kLinuxSll, 0, 14, 16, 0, 0},      // LINUX_SLL
    Row{114, Link::kLocalTalk, 0, 0, 0, 0, 0},       // LTALK
    Row{122, Link::kIpOverFc, 0, 0, 16, 8, 3},       // IP_OVER_FC
    Row{123, Link::kSunAtm, 0, 0, 4, 8, 3},          // SUNATM
    Row{129, Link::kArcnet, 0, 4, 8, 0, 0},          // ARCNET_LINUX
    Row{138, Link::kPlainType, 0, 16, 18, 0, 0},     // APPLE_IP_OVER_IEEE1394
    Row{165, Link::kBacnet, 0, 0, 0, 0, 0},          // BACNET_MS_TP
    Row{166, Link::kPppNoMpls, 0, 2, 4, 0, 0},       // PPP_PPPD
    Row{226, Link::kIpnet, 0, 1, 24, 0, kUnset},     // IPNET
    Row{228, Link::kIpv4, 0, 0, 0, 0, 0},            // IPV4
    Row{229, Link::kIpv6, 0, 0, 0, 0, 0},            // IPV6
    Row{240, Link::kNetAnalyzer, 4, 16, 18, 0, 3},   // NETANALYZER
    Row{241, Link::kNetAnalyzer, 12, 24, 26, 0, 3},  // NETANALYZER_TRANSPARENT
    Row{276, Link::kPlainType, 0, 0, 20, 0, 0},      // LINUX_SLL2
    Row{281, Link::kEthernet, 0, 16, 18, 0, 3},      // DSA_TAG_BRCM
    Row{284, Link::kEthernet, 0, 16, 18, 0, 3},      // DSA_TAG_DSA
    // Juniper's.
    Row{130, Link::kJuniper, 0, 0, 4, 0, kUnset},            // MLPPP
    Row{131, Link::kJuniper, 0, 0, 4, 0, kUnset},            // MLFR
    Row{132, Link::kJuniper, 0, 0, kUnset, kUnset, kUnset},  // ES
    Row{133, Link::kJuniper, 0, 0, 12, 0, kUnset},           // GGSN
    Row{134, Link::kJuniper, 0, 0, 4, 0, kUnset},            // MFR
    Row{135, Link::kJuniper, 0, 0, 8, 0, 10},                // ATM2
    Row{136, Link::kJuniper, 0, 0, kUnset, kUnset, kUnset},  // SERVICES
    Row{137, Link::kJuniper, 0, 0, 4, 0, 10},                // ATM1
    Row{164, Link::kJuniper, 0, 0, 12, 0, kUnset},           // MONITOR
    Row{167, Link::kJuniper, 0, 0, 14, 18, 21},              // PPPOE
    Row{168, Link::kJuniper, 0, 0, 6, 0, kUnset},            // PPPOE_ATM
    Row{178, Link::kJuniper, 0, 0, 14, 18, 21},              // ETHER
    Row{179, Link::kJuniper, 0, 0, 4, 0, kUnset},            // PPP
    Row{180, Link::kJuniper, 0, 0, 4, 0, kUnset},            // FRELAY
    Row{181, Link::kJuniper, 0, 0, 4, 0, kUnset},            // CHDLC
    Row{183, Link::kJuniper, 0, 0, kUnset, kUnset, kUnset},  // VP
    Row{194, Link::kJuniper, 0, 0, kUnset, kUnset, kUnset},  // ISM
    Row{200, Link::kJuniper, 0, 0, kUnset, kUnset, kUnset},  // ST
    Row{232, Link::kJuniper, 0, 0, kUnset, kUnset, kUnset},  // VS
    Row{233, Link::kJuniper, 0, 0, kUnset, kUnset, kUnset},  // SRX_E2E
    Row{234, Link::kJuniper, 0, 0, kUnset, kUnset, kUnset},  // FIBRECHANNEL
    Row{238, Link::kJuniper, 0, 0, kUnset, kUnset, kUnset},  // ATM_CEMIC
};

}  // namespace

HeaderContext outermost(LinkType link_type) {
  HeaderContext context;
  switch (link_type) {
    case LinkType::kPrismHeader:
    case LinkType::kRadiotap:
    case LinkType::kAvs:
    case LinkType::kPpi:
      context.link_header.variable = kOuterLength;
      [[fallthrough]];
    case LinkType::kIeee80211:
      context.link = Link::kWlan;
      context.payload.variable = kPayloadStart;
      context.network = 8;
      context.iso = 3;
      context.variables = 2;
      return context;
    case LinkType::kPflog:
      context.link = Link::kPflog;
      context.payload.variable = kPayloadStart;
      context.variables = 2;
      return context;
    default:
      break;
  }
  const auto* const row = std::find_if(kRows.begin(), kRows.end(), [link_type](const Row& each) {
    return each.link_type == static_cast<std::uint32_t>(link_type);
  });
  if (row != kRows.end()) {
    context.link = row->link;
    context.link_header.constant = row->link_header;
    context.type.constant = row->type;
    context.payload.constant = row->payload;
    context.network = row->network;
    context.iso = row->iso;
  }
  return context;
}

}  // namespace bpfc::reference
