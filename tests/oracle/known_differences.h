// Where the installed libpcap (1.10.3) and this project are meant to differ: reviewed, one entry and
// one reason each. An entry excuses libpcap alone: where it does, the compiler's programs must still
// agree with the reference evaluator.
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
                    "1.10.3 loads ancillary data relative to the moved link header; inside an "
                    "encapsulation there is no cooked header, so a live capture is needed"},
};

// Other refusals.
inline constexpr std::array kKnownRefusals{
    KnownDifference{"placeholder", "", "placeholder"},
};

// The entries that an expression falls under.
std::vector<KnownDifference> known_differences(std::span<const KnownDifference> list,
                                               const std::string& link_type,
                                               const std::string& expression);

// Whether one of them allows for a difference on this packet.
bool any_applies(std::span<const KnownDifference> known, std::span<const std::uint8_t> packet);

}  // namespace bpfc::oracle
