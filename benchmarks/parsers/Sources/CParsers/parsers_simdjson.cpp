#include <simdjson.h>

#include "parsers.h"

using namespace simdjson;

namespace {

dom::parser domParser;
ondemand::parser onDemandParser;

uint64_t visit(dom::element element) {
    switch (element.type()) {
    case dom::element_type::OBJECT: {
        uint64_t sum = 1;
        for (auto field : dom::object(element)) sum += field.key.size() + visit(field.value);
        return sum;
    }
    case dom::element_type::ARRAY: {
        uint64_t sum = 1;
        for (auto value : dom::array(element)) sum += visit(value);
        return sum;
    }
    case dom::element_type::STRING: return std::string_view(element).size();
    default: return 1;
    }
}

struct Tape {
    const char *base;
    parsers_token *tokens;
    size_t capacity, count;

    parsers_token *add(const char *start, size_t length, uint8_t kind) {
        if (count == capacity) return nullptr;
        uint32_t offset = uint32_t(start - base);
        tokens[count] = {offset, uint32_t(offset + length), uint32_t(count + 1), kind, 0};
        return &tokens[count++];
    }

    void value(ondemand::value value) {
        switch (value.type()) {
        case ondemand::json_type::object: {
            size_t self = count;
            add(value.raw_json_token().data(), 1, 7);
            for (auto field : value.get_object()) {
                const char *key = field.key().value().raw();
                size_t length = std::string_view(field.unescaped_key()).size();
                uint64_t head = 0;
                memcpy(&head, key, 8);
                if (auto token = add(key - 1, length + 2, 5)) token->link = uint32_t(head * 0x9E3779B1u);
                this->value(field.value());
            }
            if (self < capacity) tokens[self].link = uint32_t(count);
            break;
        }
        case ondemand::json_type::array: {
            size_t self = count;
            add(value.raw_json_token().data(), 1, 6);
            for (auto element : value.get_array()) this->value(element.value());
            if (self < capacity) tokens[self].link = uint32_t(count);
            break;
        }
        case ondemand::json_type::string: {
            // The string must be looked through for validation, as every other row here does.
            auto token = value.raw_json_token();
            std::string_view text = value.get_string();
            add(token.data(), text.size() + 2, 5);
            break;
        }
        case ondemand::json_type::number: {
            auto token = value.raw_json_token();
            ondemand::number number = value.get_number();
            add(token.data(), token.size(), number.is_int64() ? 3 : 4);
            break;
        }
        default: {
            auto token = value.raw_json_token();
            if (!value.is_null()) (void)value.get_bool().value();
            add(token.data(), token.size(), 0);
        }
        }
    }
};

} // namespace

uint64_t parsers_simdjson_dom(const char *text, size_t count) {
    dom::element root;
    if (domParser.parse(text, count, false).get(root)) return UINT64_MAX;
    return uint64_t(root.type());
}

uint64_t parsers_simdjson_dom_walk(const char *text, size_t count) {
    dom::element root;
    if (domParser.parse(text, count, false).get(root)) return UINT64_MAX;
    return visit(root);
}

uint64_t parsers_simdjson_tape(const char *text, size_t count, parsers_token *tokens, size_t capacity) {
    try {
        auto document = onDemandParser.iterate(text, count, count + SIMDJSON_PADDING);
        Tape tape{text, tokens, capacity, 0};
        ondemand::value root = document.get_value();
        tape.value(root);
        return tape.count;
    } catch (const simdjson_error &) {
        return UINT64_MAX;
    }
}
