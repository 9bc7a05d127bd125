import CCrypt
import Digest
import Glibc

/// Passwords as they may be stored: hashed slowly, each with a salt of its own, by libcrypt's yescrypt (crypt(5)).
///
/// A hash carries its method and cost, so that one of an older cost still verifies. A module of its own, because only
/// who asks people for passwords has to link libcrypt.
public enum PasswordHash {
    /// libcrypt's scale: 5 takes about 16 MiB and 30 ms on a desktop processor, each step more doubles both.
    public static let cost: UInt = 5

    /// Longer ones are refused by ``make(of:)``: libcrypt takes 511 bytes (`CRYPT_MAX_PASSPHRASE_SIZE`).
    public static let passwordBytesMax = 511

    /// A new hash of a password, with a new salt.
    ///
    /// - Throws: ``PasswordError``.
    public static func make(of password: String) throws(PasswordError) -> String {
        guard isUsable(password) else { throw .unusablePassword }
        var setting = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        // Without random bytes of ours libcrypt takes them from the kernel.
        guard crypt_gensalt_rn("$y$", cost, nil, 0, &setting, Int32(setting.count)) != nil,
            let hash = hash(password, setting: setting)
        else { throw .refused(errno: errno) }
        return hash
    }

    /// Whether the password is the one that the hash was made of.
    ///
    /// - Returns: false also for a hash that no method of libcrypt made, and for a password that no hash is made of.
    public static func verify(_ password: String, against stored: String) -> Bool {
        guard isUsable(password), !stored.utf8.contains(0),
            let hash = hash(password, setting: stored.utf8CString.map { $0 })
        else { return false }
        return ConstantTime.areEqual(hash.utf8, stored.utf8)
    }

    private static func isUsable(_ password: String) -> Bool {
        password.utf8.count <= passwordBytesMax && !password.utf8.contains(0)
    }

    private static func hash(_ password: String, setting: [CChar]) -> String? {
        // The working memory is some 32 KiB, too much for the small stacks of threads.
        let memory = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
        memory.initialize(to: crypt_data())
        defer {
            // It has held the password.
            explicit_bzero(memory, MemoryLayout<crypt_data>.size)
            memory.deallocate()
        }
        // crypt_rn gives nil for an error, where crypt_r gives a text that begins with "*".
        guard let text = crypt_rn(password, setting, memory, Int32(MemoryLayout<crypt_data>.size)) else { return nil }
        return String(cString: text)
    }
}

/// Why a password got no hash.
public enum PasswordError: Error, Equatable {
    /// It is longer than ``PasswordHash/passwordBytesMax``, or contains a NUL, after which libcrypt would not look.
    case unusablePassword
    /// libcrypt refused, for the errno that it gave: no memory, or a build without yescrypt.
    case refused(errno: Int32)
}
