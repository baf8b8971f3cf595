// What is wrong with a text that a user wrote (a filter expression, a program listing), and where.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// Byte offsets into the source text, half open. An empty range points between two bytes.
struct SourceRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  friend bool operator==(const SourceRange&, const SourceRange&) = default;
};

// The smallest range that holds both.
constexpr SourceRange cover(SourceRange a, SourceRange b) {
  return {a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

// The kinds of error and warning. The names are stable: users silence warnings by them, tests and
// embedders compare them.
enum class DiagnosticCode : std::uint8_t {
  kSyntax,               // not in the language; the message says what was expected
  kBadNumber,            // a bad digit, or more than 32 bits
  kBadAddress,           // not an IPv4, IPv6, MAC or DECnet address
  kTooLarge,             // value greater than its maximum, or text or program beyond a limit
  kTooDeep,              // nesting past the stated depth
  kMissingQualifier,     // a bare address or number with nothing to say what it is
  kInvalidQualifier,     // a qualifier that does not apply to what follows it
  kUnsupportedLinkType,  // not on this link type
  kNotLive,              // needs a live capture
  kUnknownName,          // unknown host, network, port, protocol...
  kNonNetworkBits,       // a network address with bits outside its mask
  kDataSize,             // data size is not 1, 2 or 4
  kNotIndexable,         // this protocol does not support the index operation
  kEncapsulation,        // an encapsulation that cannot follow another
  kNetmaskUnknown,       // `ip broadcast` without a netmask
  kDivisionByZero,       // division or modulus by a constant zero
  kShiftTooFar,          // shift by a constant of more than 31 bits
  kRejectsAll,           // matches no packet at all, and libpcap refuses it for that
  kTooComplex,           // needs more scratch memory than the machine has
  kBadOption,            // a compile option out of range, snaplen 0 for one
  kBadProgram,           // a listing that is no program
  kWarnRejectsAll,       // warning: matches no packet (only bpfc can tell)
  kWarnProgramTooLong,   // warning: the kernel takes at most 4096 instructions
  kWarnMovedHeaders,     // warning: `vlan` and its like move headers where they did not match
  kWarnPartialNot,       // warning: `not` negates the first of several identifiers only
  kWarnIpv4Only,         // warning: `tcp[...]` and its like never match IPv6
  kWarnDeadBranch,       // warning: a part of the expression can never match
  kWarnFragments,        // warning: ports match the first fragment only
};

// The stable name of a code, such as "unknown-name". Static storage.
std::string_view name(DiagnosticCode code);

struct Diagnostic {
  DiagnosticCode code = DiagnosticCode::kSyntax;
  SourceRange range;
  std::string message;  // one sentence, no full stop, no line break
  std::string hint;     // empty, or an expression that compiles (if the hosts in it exist) and is
                        // probably what was meant

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// `filter:1:9: error: MESSAGE`, the source line, a caret under the range, and the hint:
//
//   filter:1:5: error: 'tcp' is a protocol, 80 a number: what is between them?
//     tcp 80
//         ^~
//     perhaps: tcp port 80
//
// Columns count bytes from 1. A long line is cut around the range. Control characters are shown as
// spaces. `origin` names the text ("filter", a file name). Thread-safe; no final line break.
std::string render(const Diagnostic& diagnostic, std::string_view source, std::string_view origin,
                   std::string_view severity = "error");

}  // namespace bpfc
