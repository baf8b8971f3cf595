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
  std::string_view link_type;  // empty: any
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
    KnownDifference{"isis proto|(^|[ (])(l1|l2|iih|lsp|snp|csnp|psnp)($|[ )])", "",
                    "1.10.3 compares the whole PDU type byte; 1.11 its low five bits"},
    KnownDifference{"protochain", "",
                    "1.10.3 loses its place after an AH header and may run for ever", 51},
    KnownDifference{"mpls.*(geneve|vxlan).* ", "",
                    "behind a tunnel inside MPLS libpcap's offset -2 is out of bounds for its own "
                    "interpreter, and wraps to the right byte in the kernel"},
    KnownDifference{"(\\[|len|[0-9] [-+*/%<>=]+ [0-9]|protochain).*geneve", "",
                    "1.10.3 keeps geneve's offsets in M[] cells that a relation to its left has "
                    "used and never clears them; where geneve does not match they count as 0"},
    KnownDifference{"(pppoes|geneve).*(inbound|outbound|ifindex)", "",
                    "1.10.3 loads ancillary data relative to the moved link header; the packet's "
                    "direction and interface stand in the outermost one"},
};

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
    KnownRefusal{"(^|[(]|and |or |not )(isis|is-is) proto [0-9]", "is greater than its maximum 31$",
                 "", "1.11 checks the number of an IS-IS PDU; 1.10.3 compares what fits"},
    KnownRefusal{
        "decnet ((src|dst|src or dst|src and dst) )?((host|net) )?[0-9]+(\\.[0-9]+\\.|$|[) ])",
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
