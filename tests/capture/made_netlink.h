// Netlink messages made by hand, sound or not.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

namespace bpfc::capture {

// Bytes that grow. Not aligned unless asked for.
class MadeBytes {
 public:
  template <typename Object>
  MadeBytes& object(const Object& object) {
    static_assert(std::is_trivially_copyable_v<Object>);
    const auto* first = reinterpret_cast<const std::uint8_t*>(&object);
    bytes_.insert(bytes_.end(), first, first + sizeof object);
    return *this;
  }
  MadeBytes& bytes(const std::vector<std::uint8_t>& more) {
    bytes_.insert(bytes_.end(), more.begin(), more.end());
    return *this;
  }
  MadeBytes& align() {
    bytes_.resize((bytes_.size() + 3) / 4 * 4);
    return *this;
  }
  // struct nlattr, the value, and what aligns the next one.
  MadeBytes& attribute(std::uint16_t type, const std::vector<std::uint8_t>& value) {
    object(static_cast<std::uint16_t>(4 + value.size())).object(type).bytes(value);
    return align();
  }
  template <typename Object>
  MadeBytes& attribute_object(std::uint16_t type, const Object& value) {
    return attribute(type, MadeBytes().object(value).get());
  }
  MadeBytes& attribute_text(std::uint16_t type, const std::string& text) {
    std::vector<std::uint8_t> value(text.begin(), text.end());
    value.push_back(0);
    return attribute(type, value);
  }
  // struct nlmsghdr, the payload, and what aligns the next one.
  MadeBytes& message(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence,
                     const std::vector<std::uint8_t>& payload) {
    object(static_cast<std::uint32_t>(16 + payload.size())).object(type).object(flags);
    object(sequence).object(std::uint32_t{0}).bytes(payload);
    return align();
  }
  const std::vector<std::uint8_t>& get() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace bpfc::capture
