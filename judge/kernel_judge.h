// The kernel as a judge of programs: what it keeps of each packet, and the packet as its filters
// saw it, for the engines to judge the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bpfc/interpreter.h"
#include "bpfc/socket_error.h"
#include "bpfc/verify.h"

namespace bpfc::judge {

enum class Vantage : std::uint8_t {
  kUnixSocket,  // a datagram socket; no device, no link-layer header
  kReceive,     // a packet socket on the interface where the frame arrives
  kTransmit,    // a packet socket on the interface that sends it
};
const char* to_string(Vantage vantage);

// A packet as the filters at one place saw it, which need not be what was sent: a received VLAN tag
// has moved from the bytes into the metadata.
struct Sighting {
  std::size_t packet = 0;  // which of those given
  Vantage vantage = Vantage::kUnixSocket;
  std::vector<std::uint8_t> bytes;
  std::uint32_t network_offset = 0;
  std::uint32_t link_offset = 0;
  Ancillary ancillary;
  // What each program keeps: min(what it returns, the number of bytes); 0 where it rejects.
  std::vector<std::uint32_t> kept;

  // Stands as long as this does.
  Packet view() const;
};

struct Judgement {
  // Of each program: none, or why the kernel did not take it (its column in `kept` says nothing).
  std::vector<std::optional<SocketError>> refusals;
  std::vector<Sighting> sightings;
  // Packets, counted once at each place, that could not be sent, did not arrive where all packets
  // are let through, or are not known in all that a program can ask for. That is no verdict.
  std::size_t not_judged = 0;
};

class KernelJudge {
 public:
  virtual ~KernelJudge() = default;

  virtual const char* name() const = 0;
  // How many programs verdicts() takes at a time.
  virtual std::size_t most_programs() const = 0;
  // An error: the judge cannot go on, and why.
  virtual Expected<Judgement, std::string> verdicts(
      std::span<const VerifiedProgram> programs,
      std::span<const std::vector<std::uint8_t>> packets) = 0;

 protected:
  KernelJudge() = default;
  KernelJudge(const KernelJudge&) = delete;
  KernelJudge& operator=(const KernelJudge&) = delete;
};

// Whether a verdict can be foretold: not of programs that load a random number.
bool is_deterministic(const VerifiedProgram& program);

// Keeps the calling thread on the processor that it is on, and says which. None: not permitted.
std::optional<std::uint32_t> stay_on_processor();

}  // namespace bpfc::judge
