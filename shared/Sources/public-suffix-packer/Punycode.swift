/// Names outside of ASCII as the domain name system carries them (RFC 3492, with the prefix of RFC 5890).
enum Punycode {
    /// The label as it is when it is ASCII, else `xn--` and its Punycode.
    static func label(_ label: some StringProtocol) -> String {
        let scalars = Array(label.unicodeScalars)
        let basic = scalars.filter(\.isASCII)
        guard basic.count < scalars.count else { return String(label) }

        var output = String(String.UnicodeScalarView(basic))
        if !basic.isEmpty { output += "-" }
        var (next, delta, bias, handled) = (UInt32(128), UInt32(0), UInt32(72), UInt32(basic.count))
        while handled < scalars.count {
            let smallest = scalars.map(\.value).filter { $0 >= next }.min() ?? next
            delta += (smallest - next) * (handled + 1)
            next = smallest
            for scalar in scalars {
                if scalar.value < next { delta += 1 }
                guard scalar.value == next else { continue }
                output += variableLength(delta, bias: bias)
                bias = adapted(delta, points: handled + 1, first: handled == basic.count)
                delta = 0
                handled += 1
            }
            delta += 1
            next += 1
        }
        return "xn--" + output
    }

    /// RFC 3492, section 6.3: the digits of a delta, the least first.
    private static func variableLength(_ delta: UInt32, bias: UInt32) -> String {
        var (rest, position, digits) = (delta, UInt32(36), "")
        while true {
            let threshold = position <= bias ? 1 : min(26, position - bias)
            guard rest >= threshold else { return digits + digit(rest) }
            digits += digit(threshold + (rest - threshold) % (36 - threshold))
            rest = (rest - threshold) / (36 - threshold)
            position += 36
        }
    }

    /// RFC 3492, section 6.1.
    private static func adapted(_ delta: UInt32, points: UInt32, first: Bool) -> UInt32 {
        var (rest, steps) = (first ? delta / 700 : delta / 2, UInt32(0))
        rest += rest / points
        while rest > 455 {
            rest /= 35
            steps += 36
        }
        return steps + 36 * rest / (rest + 38)
    }

    private static func digit(_ value: UInt32) -> String {
        String(UnicodeScalar(UInt8(value < 26 ? 97 + value : 22 + value)))
    }
}
