"""Clustering and scaling against scikit-learn, SciPy and distances that are known."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA

from workflow_scripts.analysis.comparison import average_linkage, classical_scaling

POINTS = np.random.default_rng(3).normal(size=(9, 4)) * [5, 3, 1, 0.5]
DISTANCES = squareform(pdist(POINTS))


def test_scaling_of_euclidean_distances_is_principal_components():
    found, shares = classical_scaling(DISTANCES)
    pca = PCA(2).fit(POINTS)
    wanted = pca.transform(POINTS)
    wanted *= np.sign((wanted * found).sum(0))
    assert found == pytest.approx(wanted, abs=1e-9)
    assert shares == pytest.approx(pca.explained_variance_ratio_)


def test_all_dimensions_keep_all_distances():
    found, shares = classical_scaling(DISTANCES, 8)
    assert squareform(pdist(found)) == pytest.approx(DISTANCES)
    assert shares.sum() == pytest.approx(1)
    assert (found[np.abs(found).argmax(0)[:4], range(4)] > 0).all()


def test_few_or_equal_things():
    found, shares = classical_scaling(np.array([[0, 2.0], [2, 0]]))
    assert np.sort(found[:, 0]).tolist() == pytest.approx([-1, 1])
    assert found[:, 1] == pytest.approx([0, 0], abs=1e-6) and shares == pytest.approx([1, 0])
    found, shares = classical_scaling(np.zeros((1, 1)))
    assert found.tolist() == [[0, 0]] and shares.tolist() == [0, 0]


def test_clusters_are_those_of_scikit_learn():
    wanted = AgglomerativeClustering(3, metric="precomputed", linkage="average").fit_predict(DISTANCES)
    found = fcluster(average_linkage(DISTANCES), 3, "maxclust")
    assert (found[:, None] == found).tolist() == (wanted[:, None] == wanted).tolist()
    with pytest.raises(ValueError, match="two things or more"):
        average_linkage(np.zeros((1, 1)))
