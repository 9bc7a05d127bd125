/// An enumeration whose cases stand for texts, and for places in a table.
protocol CaseSlot: CaseIterable, RawRepresentable<String> {}

extension CaseSlot {
    /// The place of the case in the declaration, from 0.
    ///
    /// A case without payload is stored as just that number; the tests compare all of them.
    @inline(__always) var slot: Int {
        withUnsafeBytes(of: self) { $0.count == 1 ? Int($0[0]) : Int($0.loadUnaligned(as: UInt16.self)) }
    }
}
