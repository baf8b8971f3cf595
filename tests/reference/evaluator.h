// The reference evaluator of filters: what a filter says about a packet, read off the tree and
// the packet's bytes, without a program. It is written to be obviously right, not fast, and shares
// nothing with the compiler, so that a mistake in one is not in the other.
//
// The meaning is that of libpcap's unoptimized program (`tcpdump -O -d`), truncated packets
// included, with libpcap 1.11's corrections.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "bpfc/expected.h"
#include "bpfc/interpreter.h"
#include "bpfc/name_resolver.h"
#include "grammar/ast.h"
#include "tests/reference/state.h"

namespace bpfc::reference {

// Link types by libpcap's numbers (DLT_*). Named here are those that the evaluator or its tests
// speak of; header_context.cc knows more, and any other number is a link type without a type field.
enum class LinkType : std::uint32_t {
  kNull = 0,
  kEthernet = 1,
  kRaw = 12,
  kIeee80211 = 105,
  kLoop = 108,
  kLinuxSll = 113,
  kPflog = 117,
  kPrismHeader = 119,
  kSunAtm = 123,
  kRadiotap = 127,
  kMtp2WithHeader = 139,
  kMtp2 = 140,
  kAvs = 163,
  kPpi = 192,
  kErf = 197,
  kIpv4 = 228,
  kIpv6 = 229,
  kLinuxSll2 = 276,
};

enum class Target : std::uint8_t {
  kNone,             // a live capture whose system is not known
  kLiveLinux,        // with the kernel's ancillary loads
  kSavefileNative,   // a file written in this machine's byte order
  kSavefileSwapped,  // in the other one
};

struct Environment {
  LinkType link_type = LinkType::kEthernet;
  std::uint32_t snaplen = 262144;
  std::optional<std::uint32_t> netmask;  // host byte order
  Target target = Target::kNone;
  Machine machine = Machine::kKernel;
  const NameResolver* resolver = nullptr;  // none: nothing has a name
};

struct PacketView {
  std::span<const std::uint8_t> captured;
  std::uint32_t wire_length = 0;
  const Ancillary* ancillary = nullptr;  // none: all 0, no device
};

// A filter, read for one environment. Cheap to copy; may be used by several threads.
class Evaluator {
 public:
  // The error is the reason why the language refuses the filter here. `filter` and the resolver are
  // needed no longer than the call.
  static Expected<Evaluator, std::string> make(const ast::Filter& filter,
                                               const Environment& environment);

  bool accepts(const PacketView& packet) const;

 private:
  Evaluator() = default;

  std::shared_ptr<const Condition> condition_;
  Machine machine_ = Machine::kKernel;
  std::size_t variables_ = 0;
};

struct Verdict {
  enum class Kind : std::uint8_t { kAccept, kReject, kUnsupported };
  Kind kind = Kind::kReject;
  std::string reason;  // of kUnsupported
};

// make() and accepts() in one.
Verdict evaluate(const ast::Filter& filter, const Environment& environment,
                 const PacketView& packet);

}  // namespace bpfc::reference
