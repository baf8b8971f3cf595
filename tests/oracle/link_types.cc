#include "tests/oracle/link_types.h"

#include <array>

namespace bpfc::oracle {

namespace {

using enum LinkFamily;

constexpr int kDsaTagBroadcom = 281;
constexpr int kDsaTagMarvell = 284;

constexpr std::array kLinkTypes{
    TestedLinkType{"NULL", 0},
    TestedLinkType{"EN10MB", 1},
    TestedLinkType{"IEEE802", 6, kLlc},
    TestedLinkType{"ARCNET", 7},
    TestedLinkType{"SLIP", 8},
    TestedLinkType{"PPP", 9, kPpp},
    TestedLinkType{"FDDI", 10, kLlc},
    TestedLinkType{"ATM_RFC1483", 11, kLlc},
    TestedLinkType{"RAW", 12},
    TestedLinkType{"SLIP_BSDOS", 15},
    TestedLinkType{"PPP_BSDOS", 16, kPpp},
    TestedLinkType{"ATM_CLIP", 19, kLlc},
    TestedLinkType{"PPP_SERIAL", 50, kPpp},
    TestedLinkType{"PPP_ETHER", 51, kPpp},
    TestedLinkType{"SYMANTEC_FIREWALL", 99},
    TestedLinkType{"C_HDLC", 104},
    TestedLinkType{"IEEE802_11", 105, kWlan},
    TestedLinkType{"FRELAY", 107},
    TestedLinkType{"LOOP", 108},
    TestedLinkType{"ENC", 109},
    TestedLinkType{"HDLC", 112},
    TestedLinkType{"LINUX_SLL", 113},
    TestedLinkType{"LTALK", 114},
    TestedLinkType{"PFLOG", 117},
    TestedLinkType{"PRISM_HEADER", 119, kWlan},
    TestedLinkType{"HHDLC", 121, kBare},
    TestedLinkType{"IP_OVER_FC", 122, kLlc},
    TestedLinkType{"SUNATM", 123},
    TestedLinkType{"IEEE802_11_RADIO", 127, kWlan},
    TestedLinkType{"ARCNET_LINUX", 129},
    TestedLinkType{"JUNIPER_MLPPP", 130, kJuniper},
    TestedLinkType{"JUNIPER_MLFR", 131, kJuniper},
    TestedLinkType{"JUNIPER_ES", 132, kJuniper},
    TestedLinkType{"JUNIPER_GGSN", 133, kJuniper},
    TestedLinkType{"JUNIPER_MFR", 134, kJuniper},
    TestedLinkType{"JUNIPER_ATM2", 135, kJuniper},
    TestedLinkType{"JUNIPER_SERVICES", 136, kJuniper},
    TestedLinkType{"JUNIPER_ATM1", 137, kJuniper},
    TestedLinkType{"APPLE_IP_OVER_IEEE1394", 138},
    TestedLinkType{"MTP2_WITH_PHDR", 139, kSs7},
    TestedLinkType{"MTP2", 140, kSs7},
    TestedLinkType{"MTP3", 141, kBare},
    TestedLinkType{"USER0", 147, kBare},
    TestedLinkType{"IEEE802_11_RADIO_AVS", 163, kWlan},
    TestedLinkType{"JUNIPER_MONITOR", 164, kJuniper},
    TestedLinkType{"BACNET_MS_TP", 165},
    TestedLinkType{"PPP_PPPD", 166, kPpp},
    TestedLinkType{"JUNIPER_PPPOE", 167, kJuniper},
    TestedLinkType{"JUNIPER_PPPOE_ATM", 168, kJuniper},
    TestedLinkType{"JUNIPER_PIC_PEER", 174, kBare},
    TestedLinkType{"JUNIPER_ETHER", 178, kJuniper},
    TestedLinkType{"JUNIPER_PPP", 179, kJuniper},
    TestedLinkType{"JUNIPER_FRELAY", 180, kJuniper},
    TestedLinkType{"JUNIPER_CHDLC", 181, kJuniper},
    TestedLinkType{"MFR", 182, kBare},
    TestedLinkType{"JUNIPER_VP", 183, kJuniper},
    TestedLinkType{"PPI", 192, kWlan},
    TestedLinkType{"JUNIPER_ISM", 194, kJuniper},
    TestedLinkType{"ERF", 197, kSs7},
    TestedLinkType{"JUNIPER_ST", 200, kJuniper},
    TestedLinkType{"AX25_KISS", 202, kBare},
    TestedLinkType{"IPNET", 226},
    TestedLinkType{"IPV4", 228},
    TestedLinkType{"IPV6", 229},
    TestedLinkType{"JUNIPER_VS", 232, kJuniper},
    TestedLinkType{"JUNIPER_SRX_E2E", 233, kJuniper},
    TestedLinkType{"JUNIPER_FIBRECHANNEL", 234, kJuniper},
    TestedLinkType{"JUNIPER_ATM_CEMIC", 238, kJuniper},
    TestedLinkType{"NETANALYZER", 240},
    TestedLinkType{"NETANALYZER_TRANSPARENT", 241},
    TestedLinkType{"PFSYNC", 246, kBare},
    TestedLinkType{"LINUX_SLL2", 276},
    TestedLinkType{"DSA_TAG_BRCM", kDsaTagBroadcom},
    TestedLinkType{"DSA_TAG_DSA", kDsaTagMarvell},
    TestedLinkType{"DSA_TAG_EDSA", 285, kBare},
};

}  // namespace

std::span<const TestedLinkType> tested_link_types() { return kLinkTypes; }

const std::map<std::string, int>& link_type_numbers() {
  static const std::map<std::string, int> kNumbers = [] {
    std::map<std::string, int> numbers;
    for (const TestedLinkType& each : kLinkTypes) {
      numbers.emplace(each.name, each.number);
    }
    return numbers;
  }();
  return kNumbers;
}

bool libpcap_knows_rules(int link_type) {
  return link_type != kDsaTagBroadcom && link_type != kDsaTagMarvell;
}

}  // namespace bpfc::oracle
