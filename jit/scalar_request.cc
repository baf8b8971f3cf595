// Loads that the library makes, behind the rest of the code: what registers hold goes into the
// frame, as a LoadRequest, and comes back from there.
#include "jit/load_request.h"
#include "jit/scalar_emitter.h"

namespace bpfc::jit {

// A detour fills in what is its own of the request, calls, and comes back with the value, unless
// the program has ended.
void ScalarEmitter::detours() {
  if (detours_.empty()) return;
  const auto field = [this](std::size_t offset, int deeper = 0) {
    return out_.rsp + (request_at_ + deeper + static_cast<int>(offset));
  };
  for (Detour& detour : detours_) {
    const DecodedInstruction& load = code_[detour.instruction];
    out_.L(detour.from);
    note(detour.instruction);
    if (info(load.operation).format == OperandFormat::kIndexed) {
      // A position, as most are, in a packet of less than 2^31 bytes: there is nothing there.
      out_.mov(scratch_, out_.dword[field(offsetof(LoadRequest, captured))]);
      out_.or_(scratch_, scratch2_);
      out_.jns(reject_);
    }
    out_.mov(out_.dword[field(offsetof(LoadRequest, k))], load.k);
    out_.mov(out_.byte[field(offsetof(LoadRequest, operation))],
             static_cast<std::uint8_t>(load.operation));
    out_.call(request_);
    Label ends;
    out_.jnz(ends);
    if (detour.into_x) {
      out_.mov(x_, scratch_);
      out_.and_(x_, 0xf);
      out_.shl(x_, 2);
    } else {
      out_.mov(a_, scratch_);
    }
    out_.jmp(detour.back);
    out_.L(ends);
    out_.mov(a_, scratch_);
    leave();
  }

  // Leaves the value in ecx, and the zero flag set where the program goes on.
  constexpr int kReturnAddress = 8;
  const auto here = [&](std::size_t offset) { return field(offset, kReturnAddress); };
  const int saved = saved_at_ + kReturnAddress;
  out_.L(request_);
  out_.mov(out_.qword[here(offsetof(LoadRequest, data))], data_);
  out_.mov(out_.qword[here(offsetof(LoadRequest, context))], context_);
  out_.mov(out_.dword[here(offsetof(LoadRequest, length))], length_);
  out_.mov(out_.dword[here(offsetof(LoadRequest, a))], a_);
  out_.mov(out_.dword[here(offsetof(LoadRequest, x))], x_);
  out_.mov(out_.byte[here(offsetof(LoadRequest, rules))], static_cast<std::uint8_t>(rules_));
  out_.mov(out_.dword[out_.rsp + saved], Xbyak::util::r9d);
  out_.mov(out_.dword[out_.rsp + saved + 4], captured_);
  out_.lea(out_.rdi, out_.ptr[here(0)]);
  out_.mov(out_.rax, reinterpret_cast<std::uint64_t>(&answer));
  out_.sub(out_.rsp, 8);
  out_.call(out_.rax);
  out_.add(out_.rsp, 8);
  out_.mov(out_.rdx, out_.rax);
  out_.mov(scratch_, a_);
  out_.mov(data_, out_.qword[here(offsetof(LoadRequest, data))]);
  out_.mov(context_, out_.qword[here(offsetof(LoadRequest, context))]);
  out_.mov(length_, out_.dword[here(offsetof(LoadRequest, length))]);
  out_.mov(a_, out_.dword[here(offsetof(LoadRequest, a))]);
  out_.mov(x_, out_.dword[here(offsetof(LoadRequest, x))]);
  out_.mov(Xbyak::util::r9d, out_.dword[out_.rsp + saved]);
  out_.mov(captured_, out_.dword[out_.rsp + saved + 4]);
  out_.shr(out_.rdx, 32);
  out_.ret();
}

}  // namespace bpfc::jit
