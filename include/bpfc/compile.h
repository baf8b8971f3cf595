// Filter text to classic BPF.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bpfc/diagnostic.h"
#include "bpfc/expected.h"
#include "bpfc/link_type.h"
#include "bpfc/name_resolver.h"
#include "bpfc/profile.h"
#include "bpfc/program.h"
#include "bpfc/visibility.h"
#include "bpfc/warning.h"

namespace BPFC_PUBLIC bpfc {

// Where the program will run, as far as it changes what a packet looks like.
enum class Target : std::uint8_t {
  kPlain,      // packets as captured, nothing known of where
  kLiveLinux,  // a socket on Linux: the VLAN tag, the packet type, the interface, and on cooked
               // sockets the protocol, come from ancillary loads
  kNativeSavefile,   // a capture file of this machine's byte order
  kSwappedSavefile,  // a capture file of the other byte order
  kCapture,  // a live capture as its file of this machine's byte order will have it; what no
             // file says, the direction and the interface, comes from ancillary loads
};

// How a packet socket (SOCK_RAW) shows the packets that a capture then saves.
enum class SocketView : std::uint8_t {
  kFrames,          // byte for byte
  kEthernet,        // without the outer VLAN tag, where the kernel has moved it beside the bytes
  kEveryInterface,  // as each interface has them; saved as LINUX_SLL2
  kOtherHeader,     // behind a header that is not the saved one; user space decides
};

enum class CaptureDirection : std::uint8_t { kBoth, kIn, kOut };

struct SocketOptions {
  SocketView view = SocketView::kFrames;
  CaptureDirection direction = CaptureDirection::kBoth;
  // What is sent on it comes back, so outgoing packets are dropped. kEveryInterface looks itself.
  bool loopback = false;
};

// What a capture attaches to its socket.
struct SocketFilter {
  // Accepts every packet that the compiled program accepts once it is saved (in the direction asked
  // for), by the kernel's rules. Where that needs bytes that the socket does not show, or where the
  // kernel's arithmetic is another than that for files, it accepts.
  Program program;
  bool exact = true;  // and no other packet
};

inline constexpr std::uint32_t kDefaultSnaplen = 262144;

// How hard the compiler tries. Every level's program gives every packet the same verdict.
enum class Optimization : std::uint8_t {
  kNone,     // the filter as it was lowered
  kDefault,  // few executed instructions, found in near-linear time
  kFull,     // fewer, whatever the search costs: seconds
  kSize,     // few instructions, executed or not
};

struct CompileOptions {
  const LinkType* link_type = find_link_type(std::uint16_t{1});  // EN10MB
  Target target = Target::kPlain;
  std::uint32_t snaplen = kDefaultSnaplen;  // what an accepting program returns; not 0
  std::optional<std::uint32_t> netmask;     // IPv4, host order; `ip broadcast` needs it
  Optimization optimization = Optimization::kDefault;
  // Packets such as the filter will see: what settles most of them is asked first. Followed where
  // the program then executes fewer instructions on the sample than without; the verdicts are the
  // same. Not owned; must outlive the call.
  const Profile* profile = nullptr;
  // Asked for every name. None: every name is unknown. Not owned; must outlive the call.
  const NameResolver* resolver = nullptr;
  // What is looked for and put into Compilation::warnings, at most 8 of each kind. The program is
  // the same whatever is asked for. Kinds that are not free take time: linear in the text, but for
  // dead branches, which are sought in small filters only; milliseconds mostly, tenths of a second
  // at worst.
  WarningSet warnings = kFreeWarnings;
  // Asks for Compilation::socket_filter. With Target::kCapture.
  std::optional<SocketOptions> socket;
  // The tree (`ast`), or the graph after a pass (pass_names()), to be put into Compilation::dump.
  std::string dump;
  bool time_stages = false;  // asks for Compilation::times
};

struct StageTime {
  std::string_view stage;
  std::chrono::nanoseconds taken;
};

struct Compilation {
  Program program;
  std::optional<SocketFilter> socket_filter;
  std::vector<Diagnostic> warnings;  // in the order of warning_kinds()
  std::string dump;                  // empty unless asked for
  std::vector<StageTime> times;      // in the order in which the stages ran; the same
};

// Compiles a filter expression (pcap-filter(7)). The program means what libpcap's unoptimized one
// means, on every packet, whatever its length. It is a program that the kernel's rules accept,
// length aside: a warning says so where it is longer than the kernel takes. Near linear in the
// text. Thread-safe if the resolver is.
Expected<Compilation, Diagnostic> compile(std::string_view expression,
                                          const CompileOptions& options);

// What CompileOptions::dump understands, in the order of the stages.
std::vector<std::string_view> dump_stages();

}  // namespace bpfc
