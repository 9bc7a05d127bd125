import Configuration
import Networks

extension ValueForm where Value == IPNetwork {
    /// A network in CIDR notation.
    static var network: ValueForm {
        ValueForm(
            allowed: "a network as `192.168.0.0/16` or `fd00::/8`", text: { $0.description }, parse: { IPNetwork($0) })
    }
}
