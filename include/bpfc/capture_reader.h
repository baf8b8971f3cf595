// Reads capture files: pcap and pcapng, from a file or a pipe.
//
// What is read, and what counts as damage, is what libpcap 1.10.3 reads (`tcpdump -r`), and more:
//  - pcap: both byte orders; microseconds, nanoseconds, and the "modified" format 0xa1b2cd34;
//    versions 2.0 to 2.4 and 543.0. A packet longer than the snaplen is cut to it. One longer than
//    the greatest captured length of its link type is damage: 262144 bytes; DBUS 128 MiB, EBHSCR
//    8 MiB, USBPCAP 1 MiB. Reserved bits in the link type field are refused.
//  - pcapng: versions 1.0 and 1.2 (later sections: 1.x); enhanced, simple and obsolete packet
//    blocks; blocks of other types are skipped. Sections may differ in byte order, interfaces in
//    link type and snaplen (libpcap stops there). A packet longer than its interface's snaplen is
//    damage, as is a block above 16 MiB (above the greatest captured length plus 128 KiB where that
//    is more), or one whose two lengths differ or are no multiple of 4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "bpfc/capture_types.h"
#include "bpfc/expected.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

enum class DescriptorOwnership : std::uint8_t {
  kBorrowed,  // the caller closes it, after the reader or writer is gone
  kOwned,     // the reader or writer closes it
};

// Movable. One reader may be used by one thread at a time; different readers are independent,
// unless they share a descriptor.
class CaptureReader {
 public:
  // Opens a file and reads as far as the first interface, so that interfaces() is not empty.
  static Expected<CaptureReader, CaptureError> open(const std::string& path);
  // The same from a descriptor (file, pipe, socket; blocking or not), at its present position.
  static Expected<CaptureReader, CaptureError> attach(int descriptor,
                                                      DescriptorOwnership ownership);

  CaptureReader(CaptureReader&&) noexcept;
  CaptureReader& operator=(CaptureReader&&) noexcept;
  CaptureReader(const CaptureReader&) = delete;
  CaptureReader& operator=(const CaptureReader&) = delete;
  ~CaptureReader();

  // The next packet, nullptr at the end of the file. The packet and its bytes are the reader's and
  // stand until the next call. Every packet before the damage is delivered, then the error, and the
  // same error ever after. Blocks while a pipe has less than one whole record.
  Expected<const CapturedPacket*, CaptureError> next();
  // The next packet and those behind it that have been read with it, none at the end of the file:
  // at most kMostInBatch. They and their bytes stand until the next call of either function. Errors
  // and blocking as above; never waits for more than one packet.
  Expected<std::span<const CapturedPacket>, CaptureError> next_batch();
  static constexpr std::size_t kMostInBatch = 1024;

  CaptureFormat format() const;
  // Those met so far; later blocks of a pcapng file can add some. References stand until the next
  // call of next().
  std::span<const CaptureInterface> interfaces() const;
  std::span<const CaptureSection> sections() const;
  // Bytes delivered or skipped so far, and the size of the input where it is a regular file.
  std::uint64_t position() const;
  std::optional<std::uint64_t> input_size() const;

 private:
  struct State;
  explicit CaptureReader(std::unique_ptr<State> state);
  static Expected<CaptureReader, CaptureError> start(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bpfc
