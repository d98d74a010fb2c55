"""Writes the arrays that tests/tasks/arrays.rs reads. Made with numpy 2.4.6 and scipy 1.17.1."""
import numpy as np
import scipy.sparse

x = np.arange(24).reshape(2, 3, 4)
named = dict(
    f4=(x / 8).astype("<f4"), f8=x / 8.0 - 1.0, i2=(-x).astype("<i2"), i4=x.astype("<i4"), i8=x.astype("<i8"), u1=x.astype("|u1"),
    fortran=np.asfortranarray(x / 8.0), scalar=np.float64(2.5), row=np.arange(5.0), empty=np.zeros((0, 3)), truth=x % 2 == 0,
    big=x.astype(">f8"), complex=x.astype(complex), text=np.array(["a", "bc"]),
)
np.savez("stored.npz", **named)
np.savez_compressed("deflated.npz", **named)
matrix = scipy.sparse.csr_array(np.array([[0, 1.5, 0], [0, 0, 0], [-2, 0, 4]]))
scipy.sparse.save_npz("csr.npz", matrix)
