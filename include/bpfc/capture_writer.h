// Writes capture files: pcap, and pcapng for captures with several interfaces.
#pragma once

#include <cstdint>
#include <memory>

#include "bpfc/capture_reader.h"
#include "bpfc/capture_types.h"
#include "bpfc/expected.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// Gathers output in a buffer of 256 KiB. The file is complete if finish() returned no error, and
// only then: every failure to write is reported by the call that met it and by each call after it.
// A writer that is destroyed before finish() drops what it has gathered. A regular file that cannot
// take all (no space) is left with whole packets only, if it can be cut off.
//
// Writing to a pipe that nobody reads raises SIGPIPE; a program that wants the error (EPIPE)
// instead ignores that signal.
//
// Movable. One writer may be used by one thread at a time.
class CaptureWriter {
 public:
  // A pcap file of version 2.4 with this interface's link type and snaplen, in nanoseconds where
  // the resolution is finer than 10^-6, in microseconds where not. Finer digits of a time stamp are
  // cut off. `swapped`: in the byte order that is not this machine's, as is right for copies of
  // such files, since packets of some link types hold numbers in the file's byte order.
  static Expected<CaptureWriter, CaptureError> attach_pcap(int descriptor,
                                                           DescriptorOwnership ownership,
                                                           const CaptureInterface& interface,
                                                           bool swapped = false);
  // A pcapng file of one section without interfaces yet.
  static Expected<CaptureWriter, CaptureError> attach_pcapng(int descriptor,
                                                             DescriptorOwnership ownership,
                                                             bool swapped = false);

  CaptureWriter(CaptureWriter&&) noexcept;
  CaptureWriter& operator=(CaptureWriter&&) noexcept;
  CaptureWriter(const CaptureWriter&) = delete;
  CaptureWriter& operator=(const CaptureWriter&) = delete;
  ~CaptureWriter();

  // pcapng: adds an interface and returns its index. pcap: has its one interface, 0, and refuses.
  Expected<std::uint32_t, CaptureError> add_interface(const CaptureInterface& interface);

  // Appends a packet to `interface`, an index of this writer; packet.interface, link_type, swapped
  // and offset are not looked at. What the format cannot hold is an error: a time beyond its reach
  // (in pcap, one after 2106), more bytes than the snaplen, or so many that readers take them for
  // damage (capture_reader.h). Nothing of that packet is written then, and the writer goes on.
  Expected<void, CaptureError> write(const CapturedPacket& packet, std::uint32_t interface = 0);

  // Packets that the system has taken; after a failure those that the file is left with.
  std::uint64_t packets_written() const;
  // The size of the file, with what is gathered.
  std::uint64_t size() const;

  // Hands all that is gathered to the system.
  Expected<void, CaptureError> flush();
  // flush(), and closes the descriptor where it is owned. No write() after it.
  Expected<void, CaptureError> finish();

 private:
  struct State;
  explicit CaptureWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bpfc
