#include "bpfc/capture_reader.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "capture/capture_error.h"
#include "capture/file_descriptor.h"
#include "capture/input_buffer.h"
#include "capture/pcap_source.h"
#include "capture/pcapng_source.h"

namespace bpfc {

struct CaptureReader::State {
  State(int descriptor, DescriptorOwnership ownership)
      : file(descriptor, ownership), size(file.remaining_size()), input(file) {}

  capture::FileDescriptor file;
  std::optional<std::uint64_t> size;
  capture::InputBuffer input;
  CaptureFormat format = CaptureFormat::kPcap;
  std::unique_ptr<capture::PacketSource> source;
  CapturedPacket packet;
  std::vector<CapturedPacket> batch;
  bool at_end = false;
  std::optional<CaptureError> error;
};

CaptureReader::CaptureReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;
CaptureReader& CaptureReader::operator=(CaptureReader&&) noexcept = default;
CaptureReader::~CaptureReader() = default;

Expected<CaptureReader, CaptureError> CaptureReader::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return capture::system_failure(0, "open", errno);
  return attach(descriptor, DescriptorOwnership::kOwned);
}

Expected<CaptureReader, CaptureError> CaptureReader::attach(int descriptor,
                                                            DescriptorOwnership ownership) {
  return start(std::make_unique<State>(descriptor, ownership));
}

Expected<CaptureReader, CaptureError> CaptureReader::start(std::unique_ptr<State> state) {
  capture::InputBuffer& input = state->input;
  constexpr std::size_t kMagicSize = 4;
  auto ready = input.require(kMagicSize);
  if (!ready) return capture::system_failure(0, "read", ready.error());
  if (input.available() == 0) {
    return Unexpected<CaptureError>(
        {CaptureErrorKind::kNotACapture, 0, 0, "the file is empty, which no capture file is"});
  }
  if (input.available() >= kMagicSize && capture::PcapSource::recognizes(input.data())) {
    state->format = CaptureFormat::kPcap;
    state->source = std::make_unique<capture::PcapSource>(input);
  } else {
    ready = input.require(capture::PcapngSource::kRecognizedBy);
    if (!ready) return capture::system_failure(0, "read", ready.error());
    if (input.available() < capture::PcapngSource::kRecognizedBy ||
        !capture::PcapngSource::recognizes(input.data())) {
      return Unexpected<CaptureError>({CaptureErrorKind::kNotACapture, 0, 0,
                                       "the file begins like neither a pcap nor a pcapng file"});
    }
    state->format = CaptureFormat::kPcapng;
    state->source = std::make_unique<capture::PcapngSource>(input);
  }
  if (auto opened = state->source->open(); !opened) {
    return Unexpected<CaptureError>(std::move(opened.error()));
  }
  return CaptureReader(std::move(state));
}

Expected<const CapturedPacket*, CaptureError> CaptureReader::next() {
  State& state = *state_;
  if (state.error) return Unexpected<CaptureError>(*state.error);
  if (state.at_end) return nullptr;
  auto found = state.source->next(state.packet);
  if (!found) {
    state.error = found.error();
    return Unexpected<CaptureError>(std::move(found.error()));
  }
  state.at_end = !*found;
  return state.at_end ? nullptr : &state.packet;
}

Expected<std::span<const CapturedPacket>, CaptureError> CaptureReader::next_batch() {
  const auto first = next();
  if (!first) return Unexpected<CaptureError>(first.error());
  if (*first == nullptr) return std::span<const CapturedPacket>();
  std::vector<CapturedPacket>& batch = state_->batch;
  batch.resize(kMostInBatch);
  batch.front() = **first;
  const std::size_t more = state_->source->next_in_place(std::span(batch).subspan(1));
  return std::span<const CapturedPacket>(batch).first(1 + more);
}

CaptureFormat CaptureReader::format() const { return state_->format; }

std::span<const CaptureInterface> CaptureReader::interfaces() const {
  return state_->source->interfaces();
}

std::span<const CaptureSection> CaptureReader::sections() const {
  return state_->source->sections();
}

std::uint64_t CaptureReader::position() const { return state_->input.offset(); }

std::optional<std::uint64_t> CaptureReader::input_size() const { return state_->size; }

}  // namespace bpfc
