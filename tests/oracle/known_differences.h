// Where the installed libpcap (1.10.3) and this project are meant to differ: reviewed, one entry
// and one reason each. An entry excuses libpcap alone: where it does, the compiler's programs must
// still agree with the reference evaluator.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bpfc::oracle {

struct KnownDifference {
  std::string_view pattern;    // POSIX extended regular expression, found anywhere in the text
  std::string_view link_type;  // the same, found in the link type's name; empty: any
  std::string_view reason;
  // On packets that hold this byte only; nothing: on any.
  std::optional<std::uint8_t> only_with_byte = std::nullopt;
};

// Other verdicts.
inline constexpr std::array kKnownDifferences{
    KnownDifference{"byte [0-9]+ [&|]", "",
                    "1.10.3 does not load the byte; 1.11 does, and true is what is not 0"},
    KnownDifference{"ip multicast", "",
                    "1.10.3 takes every destination from 224 up for multicast; 1.11 takes 224/4"},
    KnownDifference{"(isis|is-is) proto|(^|[ (])(l1|l2|iih|lsp|snp|csnp|psnp)($|[ )])", "",
                    "1.10.3 compares the whole PDU type byte; 1.11 its low five bits"},
    KnownDifference{"protochain", "",
                    "1.10.3 loses its place after an AH header and may run for ever", 51},
    KnownDifference{"mpls.*(geneve|vxlan).* ", "",
                    "behind a tunnel inside MPLS libpcap's offset -2 is out of bounds for its own "
                    "interpreter, and wraps to the right byte in the kernel"},
    KnownDifference{"(\\[|len|[0-9] [-+*/%<>=]+ [0-9]|protochain).*geneve", "",
                    "1.10.3 keeps geneve's offsets in M[] cells that a relation to its left has "
                    "used and never clears them; where geneve does not match they count as 0"},
    KnownDifference{"geneve", "^(IEEE802_11.*|PRISM_HEADER|PPI|PFLOG)$",
                    "1.10.3 computes the offset of the payload of a header of variable length into "
                    "geneve's cells, and what stands to geneve's left reads cells never written"},
    KnownDifference{"geneve.*lane", "^SUNATM$",
                    "1.10.3 adds what lane knows to what geneve found out; no ATM is in a tunnel"},
    KnownDifference{"geneve", "^DSA_TAG",
                    "judged by Ethernet's program without the tag: where geneve has not matched, "
                    "what follows counts from the packet's start"},
    KnownDifference{"pppoes", "^(IEEE802_11_RADIO.*|PRISM_HEADER|PPI|PFLOG)$",
                    "1.10.3 computes the length of the outer header into pppoes' cell, and what "
                    "stands to pppoes' left reads a cell never written"},
    KnownDifference{"(\\]|len|[0-9]) [-+*/%&|<>=!^].* (and|or) ",
                    "^(IEEE802_11.*|PRISM_HEADER|PPI|PFLOG)$",
                    "1.10.3 keeps the lengths of a link type's headers in cells that a relation to "
                    "the left of the first use may overwrite: len > 5 or ip"},
    KnownDifference{"\\$", "^ARCNET",
                    "1.10.3 puts the digits of a one-byte address together wrongly"},
    KnownDifference{".", "^ARCNET", "1.11 does not match RFC 1051's code of IP", 240},
    KnownDifference{".", "^ARCNET", "1.11 does not match RFC 1051's code of ARP", 241},
    KnownDifference{"outbound", "^SLIP$",
                    "1.10.3 takes any direction but 0 for outbound; 1.11 takes 1"},
    KnownDifference{"(vpi|vci|h?(sio|opc|dpc|sls)) !=", "^(SUNATM|MTP2|MTP2_WITH_PHDR|ERF)$",
                    "1.10.3 takes != for ="},
    KnownDifference{"h?dpc ", "^(MTP2|MTP2_WITH_PHDR|ERF)$",
                    "1.10.3 loads the whole routing label for the destination in its first half"},
};

// Filters that one of the two refuses where the other takes them, whatever the messages.
struct RefusalDifference {
  std::string_view pattern;    // as above
  std::string_view link_type;  // as above
  bool libpcap_takes;          // or we do
  std::string_view reason;
};

inline constexpr std::string_view kWlanTypes = "^(IEEE802_11.*|PRISM_HEADER|PPI)$";

inline constexpr std::array kRefusalDifferences{
    RefusalDifference{"(^|[(]|and |or |not )((ip|ip6|iso) )?proto(chain)? "
                      "(25[6-9]|2[6-9][0-9]|[3-9][0-9]{2}|[0-9]{4,}|0x[0-9a-f]{3,})",
                      "", true,
                      "1.11 checks the number of an IP protocol or an ISO one, at most 255"},
    RefusalDifference{"(isis|is-is) proto (3[2-9]|[4-9][0-9]|[0-9]{3,}|0x[0-9a-f]{2,})", "", true,
                      "1.11 checks the number of an IS-IS PDU, at most 31"},
    RefusalDifference{"(link|ether|ppp|slip|fddi|tr|wlan) proto (6553[6-9]|[0-9]{6,})", "", true,
                      "1.11 checks the number of a link protocol, at most 65535"},
    RefusalDifference{"inbound|outbound|ifindex", "", true,
                      "1.10.3 takes a handle without a capture for a live one; 1.11 does not"},
    RefusalDifference{
        "decnet ((src|dst|src or dst|src and dst) )?((host|net) )?!?[0-9]+(\\.[0-9]+\\.|$|[) ])",
        "", true, "1.10.3 takes the start of an IPv4 address for a DECnet one, and a plain number"},
    RefusalDifference{"decnet ((src|dst|src or dst|src and dst) )?net ", "", true,
                      "1.10.3 compares an IPv4 network with DECnet addresses"},
    RefusalDifference{"dir(ection)? ([4-9]|[0-9]{2,})", kWlanTypes, true,
                      "1.11 checks a frame's direction, at most 3"},
    RefusalDifference{"geneve.*lane.*protochain", "^SUNATM$", false,
                      "1.10.3 takes what lane leads to for of variable length, as geneve's is"},
    RefusalDifference{
        "(ip6?|r?arp|tcp|udp|sctp|icmp6?|igmp|igrp|pim|vrrp|carp|ah|esp|radio|atalk|"
        "aarp|decnet|lat|sca|moprc|mopdl|iso|es-?is|is-?is|clnp|stp|ipx|netbeui|l1|"
        "l2|iih|lsp|[cp]?snp) ((sub)?type|dir|direction) ",
        kWlanTypes, true,
        "only link and its synonyms may stand before 802.11's words; 1.10.3's grammar "
        "takes any protocol"},
    RefusalDifference{"outbound", "^SLIP$", false,
                      "what is neither inbound nor outbound: in 1.10.3 nothing is"},
    RefusalDifference{"host|net|ip|arp|port", "^ARCNET", true,
                      "1.10.3 tests two codes for IP and for ARP, so its optimizer does not see "
                      "that nothing can match where 1.11 tests one"},
    RefusalDifference{"vlan", "^LINUX_SLL2?$", false,
                      "libpcap has no tags on cooked packets, where it drops those that the kernel "
                      "has taken out; a capture of ours puts them back"},
    RefusalDifference{"subtype (ba|bar)($|[) ])", kWlanTypes, false, "1.11 knows the two subtypes"},
    RefusalDifference{"(^|[ (])((sub)?type|dir|direction) ", "^PPI$", false,
                      "1.11 takes 802.11's words on PPI too"},
    RefusalDifference{"vpi .*(25[6-9]|[0-9]{4,})", "^SUNATM$", true,
                      "1.11 checks a virtual path, at most 255"},
    RefusalDifference{"vci .*(6553[6-9]|[0-9]{6,})", "^SUNATM$", true,
                      "1.11 checks a virtual circuit, at most 65535"},
    RefusalDifference{"\\$|broadcast", "^BACNET_MS_TP$", false,
                      "1.11 knows BACnet's addresses of one byte"},
    RefusalDifference{
        "(^|[ "
        "(])(ip6?|r?arp|tcp|udp|sctp|icmp6?|igmp|igrp|pim|vrrp|carp|ah|esp|atalk|aarp|decnet|lat|"
        "sca|moprc|mopdl|iso|es-?is|is-?is|clnp|stp|ipx|netbeui|l1|l2|iih|lsp|[cp]?snp|proto|"
        "protochain|port|portrange|net|host|src|dst|pppoe[ds]|geneve)($|[[) ])",
        "^BACNET_MS_TP$", true,
        "1.11 knows no type field in BACnet's header, where 1.10.3 compares "
        "the preamble for every protocol"},
};

// Whether one of them allows for it.
bool is_known_refusal(const std::string& link_type, const std::string& expression,
                      bool libpcap_takes);

// Where one of the two refuses a filter and the other takes it. `ours` and `theirs` are expressions
// of the messages, empty for who takes it. Where libpcap alone refuses, the compiler must have
// warned that nothing matches.
struct KnownRefusal {
  std::string_view pattern;  // as above
  std::string_view ours;
  std::string_view theirs;
  std::string_view reason;
};

inline constexpr std::array kKnownRefusals{
    KnownRefusal{
        "(^|[(]|and |or |not )((ip|ip6|iso) )?proto(chain)? [0-9]",
        "is greater than its maximum 255$", "",
        "1.11 checks the number of an IP protocol or an ISO one; 1.10.3 compares what fits"},
    KnownRefusal{"(ether|link|fddi|tr|wlan|ppp|slip) proto [0-9]",
                 "is greater than its maximum 65535$", "",
                 "1.11 checks the number of a link layer's protocol; 1.10.3 compares what fits"},
    KnownRefusal{"portrange [0-9]+-[0-9]+[^0-9 )]", "unknown port", "",
                 "1.10.3 reads two numbers and lets what follows them be"},
    KnownRefusal{"(^|[(]|and |or |not )(isis|is-is) proto [0-9]", "is greater than its maximum 31$",
                 "", "1.11 checks the number of an IS-IS PDU; 1.10.3 compares what fits"},
    KnownRefusal{
        "decnet ((src|dst|src or dst|src and dst) )?((host|net) )?!?[0-9]+(\\.[0-9]+\\.|$|[) ])",
        "is no DECnet address", "",
        "1.10.3 takes the start of an IPv4 address for a DECnet one, and a plain number"},
    KnownRefusal{"decnet ((src|dst|src or dst|src and dst) )?net ", "is no DECnet address", "",
                 "1.10.3 compares an IPv4 network with DECnet addresses"},
    KnownRefusal{"inbound|outbound|ifindex", "needs a live capture", "",
                 "1.10.3 takes a handle without a capture for a live one; 1.11 does not"},
    KnownRefusal{
        "\\[.*\\]|[0-9] [-+*/&|^%] [0-9]", "rejects all packets", "",
        "libpcap's optimizer folds an accessor's index and arithmetic only when it has threaded "
        "the jumps, so it sees less: ip[9] = 6 and udp. Matches nothing either way"},
    KnownRefusal{
        "(^|[(]|not )((src|dst|src or dst|src and dst) )?port(range)? ", "", "rejects all packets",
        "1.11 tests the protocols of an unqualified port and then once the ports, where 1.10.3 "
        "has a test of ports for each: its optimizer sees less"},
};

// The entries that an expression falls under.
std::vector<KnownDifference> known_differences(std::span<const KnownDifference> list,
                                               const std::string& link_type,
                                               const std::string& expression);

// Whether an entry allows for these messages, empty for who takes the filter. `warned`: taken by
// the compiler with the warning that it matches nothing.
bool is_known_refusal(const std::string& expression, const std::string& ours,
                      const std::string& theirs, bool warned);

// Whether one of them allows for a difference on this packet.
bool any_applies(std::span<const KnownDifference> known, std::span<const std::uint8_t> packet);

}  // namespace bpfc::oracle
