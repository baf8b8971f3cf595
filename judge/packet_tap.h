// Many packet sockets at one interface: what each program keeps of a packet that passes there, and
// the packet as it passed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bpfc/packet_socket.h"
#include "judge/attach_pace.h"
#include "judge/kernel_judge.h"
#include "vm/ancillary.h"

namespace bpfc::judge {

// Programs are exchanged on sockets that stay bound: binding and closing take milliseconds. Not
// thread-safe; for use on the processor where packets are delivered.
class PacketTap {
 public:
  // For the packets that pass the interface, outgoing ones included, with room for `programs`.
  static Expected<PacketTap, std::string> open(std::uint32_t interface_index, Vantage vantage,
                                               std::size_t programs);

  // The program at a place below the number of programs.
  Expected<void, SocketError> attach(std::size_t place, const VerifiedProgram& program);
  // At this place and all after it: nothing passes.
  Expected<void, SocketError> silence_from(std::size_t place);
  // Throws away all that has arrived.
  void drain();

  // How a look at the next packet went.
  enum class Outcome : std::uint8_t {
    kNothing,  // no packet has passed
    kSeen,
    kUnknown,  // a packet has passed, but not all is known of it that a program could ask for
  };
  // Takes one packet from each socket; what the programs keep is put into `sighting` for the first
  // `programs` places. Fields `packet` and `ancillary.cpu` are left alone.
  Outcome look(std::size_t programs, Sighting& sighting);
  // Whether another packet has passed meanwhile: then nobody knows which one a socket kept.
  bool has_more();

 private:
  // What no socket option tells: two programs return the value, and what it exceeds the length by.
  struct Probe {
    AncillaryLoad load;
    PacketSocket value;
    PacketSocket excess;
  };

  PacketTap(PacketSocket canary, Vantage vantage) : vantage_(vantage), canary_(std::move(canary)) {}
  bool see(Sighting& sighting);
  bool ask_probes(Sighting& sighting);

  Vantage vantage_;
  PacketSocket canary_;
  std::vector<Probe> probes_;
  std::vector<PacketSocket> receivers_;
  std::vector<bool> silent_;  // of receivers_: nothing passes already
  std::vector<std::uint8_t> buffer_;
  AttachPace pace_;
};

}  // namespace bpfc::judge
