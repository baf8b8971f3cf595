// Runs threaded code.
#pragma once

#include <cstdint>
#include <span>

#include "bpfc/packet.h"
#include "vm/threaded_code.h"

namespace bpfc {

// The verdict. `context` is null or the same packet with what is known of it beside its bytes.
std::uint32_t run_threaded(const ThreadedCode& code, const PacketView& packet,
                           const Packet* context);
// A verdict for each packet; there is at least one.
void run_threaded(const ThreadedCode& code, std::span<const PacketView> packets,
                  std::uint32_t* verdicts);

// Gives the steps their handlers: kinds[i] is what steps[i] does. Makes steps_for_many.
void link_threaded(ThreadedCode& code, std::span<const StepKind> kinds);

}  // namespace bpfc
